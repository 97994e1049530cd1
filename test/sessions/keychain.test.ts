import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { config } from '@vscode/l10n';
import { openKeychain } from '../../src/sessions/keychain.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';
import { itNeeds } from '../needs.ts';

describe('a keychain that nobody can be asked for', () => {
  const directory = useDirectory();
  const names = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR'];
  let before: (string | undefined)[];
  beforeEach(() => {
    before = names.map(name => process.env[name]);
    for (const name of names) Reflect.deleteProperty(process.env, name);
    process.env['XDG_RUNTIME_DIR'] = join(directory.path, 'nothing');
  });
  afterEach(() => {
    config({ contents: {} });
    names.forEach((name, index) => {
      if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[index];
    });
  });

  itNeeds(
    ['Linux'],
    'is absent, and not locked, although a language says so with a word for a lock',
    async () => {
      config({
        contents: { 'no session bus: DBUS_SESSION_BUS_ADDRESS is not set': 'der Bus fehlt (kein lock)' },
      });
      const { state, unsealed } = await openKeychain(directory.path, memoryLog());
      assert.match(unsealed?.why ?? '', /der Bus fehlt/);
      assert.equal(state, 'absent');
    },
  );

  itNeeds(['Linux'], '[T11] is given up where it never answers, with words that say so', async () => {
    const path = join(directory.path, 'bus');
    const server = createServer(() => undefined).listen(path);
    await once(server, 'listening');
    process.env['DBUS_SESSION_BUS_ADDRESS'] = `unix:path=${path}`;
    try {
      const { state, unsealed } = await openKeychain(directory.path, memoryLog(), { patience: 500 });
      assert.equal(state, 'silent');
      assert.equal(unsealed?.why, 'The keychain does not answer (it did not answer within 0.5 seconds).');
    } finally {
      server.close();
    }
  });
});
