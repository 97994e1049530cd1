import assert from 'node:assert/strict';
import { serverName } from '../../../src/bridge/local/localFront.ts';

describe('the name of a server that a command starts', () => {
  for (const [name, command, ...args] of [
    ['notes', 'notes'],
    ['notes', '/usr/local/bin/notes', '--port', '1'],
    ['notes', 'C:\\Tools\\notes.exe'],
    ['server-notes', 'npx', '-y', '@acme/server-notes'],
    ['notes', 'node', '--no-warnings', '/srv/notes.mjs'],
    ['notes', 'uvx', 'notes'],
    ['notes', 'python3', 'notes.py'],
    ['docker', 'docker', 'run', '-i', 'acme/notes'],
    ['node', 'node', '--version'],
    ['a\ufffdb', 'a\u202eb'],
  ] as const) {
    it(`[E1] is ${name}: ${JSON.stringify([command, ...args])}`, () => {
      assert.equal(serverName(command, args), name);
    });
  }
});
