import assert from 'node:assert/strict';
import { notice } from '../../src/editor/notice.ts';

describe('a notification', () => {
  it('[T15] has no link, escape sequence or secret that came from outside', () => {
    const said = notice(
      '[Click](command:workbench.action.terminal.new)\u001b[2J\u202e access_token=S3CRET99',
    );
    // As VS Code finds links in a notification's text (its linkedText.ts).
    assert.doesNotMatch(said, /\[[^\]]+\]\((?:https?:\/\/|command:|file:)/);
    assert.equal(said, '[Click] (command:workbench.action.terminal.new)� access_token=[redacted]');
  });
});
