import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { join } from 'node:path';
import { startRemoteServer, type RemoteServer } from '../remote/remoteServer.ts';
import { until } from '../remote/fixtures.ts';
import { useUser } from '../../tenant/useTenant.ts';
import { cli, run, userEnvironment, visits } from '../../terminal/fixtures.ts';

const environmentServer = join(import.meta.dirname, '..', 'local', 'environmentServer.mjs');

describe('a server that needs a sign-in, where nobody is signed in', () => {
  let remote: RemoteServer;
  const clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
    await remote.stop();
  });
  beforeEach(async () => {
    remote = await startRemoteServer();
  });

  const here = () => ({ tenant: given.tenant, directory: given.directory });
  const commands = {
    connect: () => ['connect', remote.url, '--default-audience'],
    run: () => ['run', '--variable', 'API_TOKEN', '--', process.execPath, environmentServer],
  };

  async function start(args: readonly string[], env: Record<string, string> = {}) {
    const changes: string[] = [];
    const client = new Client({ name: 'test', version: '1.0.0' });
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      changes.push('tools');
    });
    clients.push(client);
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cli, ...args],
        env: userEnvironment({ ...here(), env }),
        stderr: 'inherit',
      }),
    );
    const names = async () => (await client.listTools()).tools.map(({ name }) => name);
    return { client, changes, names };
  }

  /** Calls a tool that the server has. */
  async function callAny(command: string, client: Client): Promise<void> {
    const name = command === 'run' ? 'state' : 'repeat';
    const result = await client.callTool({ name, arguments: { text: 'wool', times: 2 } });
    assert.match(JSON.stringify(result.content), command === 'run' ? /auth0\|ada/ : /woolwool/);
  }
  /** Has the server list for the account, and signs out. */
  async function listAndSignOut(args: readonly string[]): Promise<unknown> {
    assert.equal((await run(here(), 'login')).code, 0);
    const { client } = await start(args);
    const real = await client.listTools();
    await client.close();
    assert.equal((await run(here(), 'logout')).code, 0);
    return real;
  }

  for (const [command, args] of Object.entries(commands)) {
    it(`[E1] "${command}" starts and lists one tool, to sign in, without opening a browser`, async () => {
      const { client, names, changes } = await start(args());
      assert.deepEqual(await names(), ['sign_in']);
      const { content } = await client.callTool({ name: 'sign_in', arguments: {} });
      assert.equal(visits(given.directory).length, 1);
      assert.match(
        (content as { text: string }[])[0]!.text,
        /You are signed in to .* as ada@example\.com\. Its tools are: /,
      );
      await until(() => changes.length > 0);
      const real = await names();
      assert.ok(real.length > 1 && !real.includes('sign_in'), real.join());
    });

    it(`[E1] "${command}" lists what its server listed for the account before, and the first call signs in and runs`, async () => {
      const real = await listAndSignOut(args());
      const second = await start(args());
      assert.deepEqual(await second.client.listTools(), real);
      assert.equal(visits(given.directory).length, 1);
      await callAny(command, second.client);
      assert.equal(visits(given.directory).length, 2);
      assert.deepEqual(second.changes, []);
    });

    it(`[E1] "${command}" starts and lists while the tenant is down, and says so at the call`, async () => {
      const real = await listAndSignOut(args());
      given.tenant.setMode('down');
      const { client } = await start(args());
      assert.deepEqual(await client.listTools(), real);
      await assert.rejects(callAny(command, client), /localhost:\d+/);
      given.tenant.setMode('normal');
      await callAny(command, client);
    });

    it(`[E1] "${command}" lists without a question where the stored session cannot be renewed any more`, async () => {
      const real = await listAndSignOut(args());
      given.tenant.setTokenLifetime(1);
      assert.equal((await run(here(), 'login')).code, 0);
      given.tenant.setTokenLifetime(3_600);
      await new Promise(resolve => setTimeout(resolve, 1_100));
      const before = visits(given.directory).length;
      given.tenant.answerTokenRequests([{ status: 403, body: { error: 'invalid_grant' } }]);
      const { client } = await start(args());
      assert.deepEqual(await client.listTools(), real);
      assert.equal(visits(given.directory).length, before);
      await callAny(command, client);
      assert.equal(visits(given.directory).length, before + 1);
    });

    it(`[E1] "${command}" asks a person who refused to sign in no second time, until somebody has signed in`, async () => {
      await listAndSignOut(args());
      const before = visits(given.directory).length;
      const turnedAway = { error: 'access_denied', error_description: 'The person said no.' };
      const env = { DEMO_BROWSER_PERSON: JSON.stringify({ turnedAway }) };
      const { client } = await start(args(), env);
      for (let calls = 0; calls < 3; calls++) {
        await assert.rejects(callAny(command, client), /The person said no\./);
      }
      assert.equal(visits(given.directory).length, before + 1);
      assert.equal((await run(here(), 'login')).code, 0);
      await callAny(command, client);
      assert.equal(visits(given.directory).length, before + 2);
    });

    it(`[E1] "${command}" lists again by itself when the person signs in at another place`, async () => {
      const { names, changes } = await start(args());
      assert.deepEqual(await names(), ['sign_in']);
      assert.equal((await run(here(), 'login')).code, 0);
      await until(() => changes.length > 0);
      assert.ok(!(await names()).includes('sign_in'));
      assert.equal(visits(given.directory).length, 1);
    });
  }
});
