import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AuthError } from '../../../src/auth/authError.ts';
import type { BrokerHost } from '../../../src/broker/host.ts';
import { openWindow, token } from '../../broker/fixtures.ts';
import { useUser } from '../../tenant/useTenant.ts';
import { startClient, visits } from '../../terminal/fixtures.ts';
import { startRemoteServer, type RemoteServer } from '../remote/remoteServer.ts';

const environmentServer = join(import.meta.dirname, '..', 'local', 'environmentServer.mjs');

describe('a server that an editor starts while nobody is signed in', () => {
  let remote: RemoteServer;
  let window: BrokerHost;
  let asked: ('silent' | 'session' | 'person')[] = [];
  /** What the person says when they are asked. */
  let person: () => Promise<string>;
  let isSignedIn = false;
  const clients: { close(): Promise<void> }[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
    await remote.stop();
    await window.dispose();
  });
  beforeEach(async () => {
    asked = [];
    isSignedIn = false;
    const accessToken = await given.tenant.sign({});
    person = () => Promise.resolve(accessToken);
    remote = await startRemoteServer();
    window = openWindow(async (_account, { silent = false }) => {
      // Where somebody is signed in, nobody is asked.
      asked.push(silent ? 'silent' : isSignedIn ? 'session' : 'person');
      if (silent && !isSignedIn) throw new AuthError('login_required', 'A person has to sign in.');
      const given = await person();
      isSignedIn = true;
      return { ...token(given), account: { label: 'ada@example.com' } };
    });
  });

  const commands = {
    connect: () => ['connect', remote.url],
    run: () => ['run', '--variable', 'API_TOKEN', '--', process.execPath, environmentServer],
  };
  async function start(args: readonly string[]) {
    const { env } = await window.grant('');
    const { client } = await startClient(args, { tenant: given.tenant, directory: given.directory, env });
    clients.push(client);
    return client;
  }

  for (const [command, args] of Object.entries(commands)) {
    it(`[E1] "${command}" asks the editor silently at its start, and the person once, at the first calls`, async () => {
      const client = await start(args());
      const { tools } = await client.listTools();
      assert.deepEqual(
        tools.map(({ title }) => title),
        [command === 'run' ? 'Sign in to environmentServer' : `Sign in to ${new URL(remote.url).host}`],
      );
      assert.ok(!asked.includes('person'));
      const call = () => client.callTool({ name: 'sign_in', arguments: {} });
      const [first] = await Promise.all([call(), call(), call()]);
      assert.match(JSON.stringify(first.content), /You are signed in to .* as ada@example\.com/);
      assert.equal(asked.filter(each => each === 'person').length, 1);
      const names = (await client.listTools()).tools.map(({ name }) => name);
      assert.ok(!names.includes('sign_in') && names.length > 1);
      assert.deepEqual(visits(given.directory), []);
    });

    it(`[E1] "${command}" passes on that the person does not want to, and lists all the same`, async () => {
      const client = await start(args());
      person = () =>
        Promise.reject(new AuthError('access_denied', 'You did not sign in. Use the Accounts menu.'));
      await client.listTools();
      for (let times = 0; times < 2; times++) {
        await assert.rejects(client.callTool({ name: 'sign_in', arguments: {} }), /Use the Accounts menu/);
      }
      assert.equal((await client.listTools()).tools.length, 1);
    });

    it(`[E1] "${command}" goes on where the person signs in by the Accounts menu meanwhile`, async () => {
      const client = await start(args());
      await client.listTools();
      const changed = Promise.withResolvers<undefined>();
      client.fallbackNotificationHandler = async ({ method }) => {
        if (method === 'notifications/tools/list_changed') changed.resolve(undefined);
      };
      isSignedIn = true;
      window.invalidate();
      await changed.promise;
      assert.ok((await client.listTools()).tools.length > 1);
      assert.ok(!asked.includes('person'));
    });
  }
});
