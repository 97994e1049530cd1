import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { defineEveryday } from './everyday.ts';

describe('[E4] a folder that the person does not trust', () => {
  it('[E4] is open in Restricted Mode, and the extension is there', () => {
    assert.equal(vscode.workspace.isTrusted, false);
    assert.ok(vscode.extensions.getExtension('omnispindle.omnispindle'));
  });

  defineEveryday('in a folder that the person does not trust');
});
