import assert from 'node:assert/strict';
import { join } from 'node:path';
import { defaultScopes } from '../../src/auth/tenant.ts';
import { scopesOf } from '../sessions/scopesOf.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, startClient, visits } from './fixtures.ts';

const environmentServer = join(import.meta.dirname, '..', 'bridge', 'local', 'environmentServer.mjs');

describe('a server that a person allows a scope', () => {
  const given = useUser();
  const usual = [...defaultScopes].sort();
  const user = () => ({ tenant: given.tenant, directory: given.directory });

  /** The scopes of the token that a server on this machine finds in its environment. */
  async function seenBy(...scopes: string[]): Promise<string[]> {
    const options = scopes.flatMap(scope => ['--scope', scope]);
    const command = [process.execPath, environmentServer];
    const { client } = await startClient(
      ['run', '--variable', 'API_TOKEN', ...options, '--', ...command],
      user(),
    );
    const { content } = await client.callTool({ name: 'state' });
    await client.close();
    const { scope } = JSON.parse((content as { text: string }[])[0]?.text ?? '{}') as { scope: string };
    return scope.split(' ').sort();
  }

  it('[T5] shares its sign-in with others, and its scope with none', async () => {
    assert.deepEqual(await seenBy('read:todos'), [...usual, 'read:todos'].sort());
    const { stdout } = await run(user(), 'token');
    assert.deepEqual(scopesOf({ accessToken: stdout.trim() }), usual);
    assert.deepEqual(await seenBy('read:todos'), [...usual, 'read:todos'].sort());
    assert.deepEqual(await seenBy(), usual);
    assert.equal(visits(given.directory).length, 1);
    assert.deepEqual(await seenBy('write:todos'), [...usual, 'write:todos'].sort());
    assert.equal(visits(given.directory).length, 2);
  });
});
