import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { defineEveryday } from './everyday.ts';
import { account, callTool, eventually, person, signInByCommand, startServer } from './helpers.ts';

describe('[E4] a workspace that is on no disk', () => {
  it('[E4] is open, and the extension is there', () => {
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.toString(), 'memfs:/wool');
    assert.ok(vscode.extensions.getExtension('omnispindle.omnispindle'));
  });

  defineEveryday('in a workspace that is on no disk');

  it('[E4] runs the bundled server’s tools as the person', async () => {
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    await startServer();
    assert.match(await callTool('whoami'), /ada@example.com/);
  });
});
