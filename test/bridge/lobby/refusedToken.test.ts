import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { useUser } from '../../tenant/useTenant.ts';
import { cli, run, userEnvironment, visits } from '../../terminal/fixtures.ts';
import { startRemoteServer, type RemoteServer } from '../remote/remoteServer.ts';
import { streamableSessions } from '../remote/sessions.ts';
import { newLegacyClient, newModernClient } from '../remote/translation/clients.ts';
import { modernSessions } from '../remote/translation/modernSessions.ts';

/** A client of either era, as far as it is needed here. */
interface Client {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

const servers = { legacy: streamableSessions, modern: modernSessions };

describe('a server that refuses the stored token, of a session that the tenant has ended', () => {
  let remote: RemoteServer;
  /** The tokens that the server refuses. */
  let refused: Set<string | undefined>;
  let isSpared: (request: IncomingMessage) => boolean;
  let clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.map(client => client.close()));
    clients = [];
    await remote.stop();
  });

  async function serve(era: keyof typeof servers = 'legacy'): Promise<void> {
    refused = new Set();
    isSpared = () => false;
    remote = await startRemoteServer({ sessions: servers[era]() });
    remote.intercept = (request, response) => {
      if (!refused.has(request.headers.authorization) || isSpared(request)) return false;
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return true;
    };
    assert.equal((await run(given, 'login')).code, 0);
  }

  async function start(era: keyof typeof servers = 'legacy'): Promise<Client> {
    const how = {
      command: process.execPath,
      args: [cli, 'connect', remote.url, '--default-audience'],
      env: userEnvironment({ tenant: given.tenant, directory: given.directory }),
      stderr: 'ignore' as const,
    };
    if (era === 'modern') {
      const { client } = newModernClient();
      await client.connect(new ModernTransport(how));
      clients.push(client);
      return client;
    }
    const { client } = newLegacyClient();
    await client.connect(new LegacyTransport(how));
    clients.push(client);
    return client;
  }

  const opened = () => visits(given.directory).length;
  const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);
  const call = async (client: Client, name: string, input = {}) =>
    JSON.stringify(await client.callTool({ name, arguments: input }));

  async function endSession(): Promise<void> {
    for (const { authorization } of remote.requests) refused.add(authorization);
    await given.tenant.revokeSessions();
  }

  /** Has the server list for the account, and ends its session, which this machine does not know yet. */
  async function listAndEnd(era?: keyof typeof servers): Promise<string[]> {
    const client = await start(era);
    const listed = await namesOf(client);
    await client.close();
    await endSession();
    return listed;
  }

  /** That the next call, and nothing before it, opens a browser, and runs. */
  async function signsInAtTheCall(client: Client, before: number): Promise<void> {
    assert.equal(opened(), before);
    assert.match(await call(client, 'echo', { text: 'wool' }), /wool/);
    assert.equal(opened(), before + 1);
  }

  for (const [client, server] of [
    ['legacy', 'legacy'],
    ['modern', 'legacy'],
    ['legacy', 'modern'],
    ['modern', 'modern'],
  ] as const) {
    it(`[E1] is started for a ${client} client of a ${server} server without a browser, and lists; the first call signs in`, async () => {
      await serve(server);
      const listed = await listAndEnd(client);
      const before = opened();
      const asked = remote.requests.length;
      const again = await start(client);
      assert.deepEqual(await namesOf(again), listed);
      assert.ok(remote.requests.length > asked, 'the token was tried');
      await signsInAtTheCall(again, before);
      assert.deepEqual(await namesOf(again), listed);
    });
  }

  it('[E1] lists what is remembered also where it refuses no more than the list', async () => {
    await serve();
    const listed = await listAndEnd();
    const before = opened();
    let isFirst = true;
    isSpared = ({ method }) => {
      const isIt = method === 'POST' && isFirst;
      if (isIt) isFirst = false;
      return isIt;
    };
    const client = await start();
    assert.deepEqual(await namesOf(client), listed);
    await signsInAtTheCall(client, before);
  });

  it('[E1] asks nobody for a list while it runs, and the next call signs in', async () => {
    await serve();
    const client = await start();
    const listed = await namesOf(client);
    const before = opened();
    await endSession();
    assert.deepEqual(await namesOf(client), listed);
    await signsInAtTheCall(client, before);
    assert.deepEqual(await namesOf(client), listed);
  });

  it('[E1] names its tools after the call of the one tool that stands for them', async () => {
    await serve();
    const { intercept } = remote;
    remote.intercept = (request, response) => {
      // Nothing was ever listed: the first token that comes is the one of the login.
      if (refused.size === 0) refused.add(request.headers.authorization);
      return intercept?.(request, response) ?? false;
    };
    await given.tenant.revokeSessions();
    const before = opened();
    const client = await start();
    assert.deepEqual(await namesOf(client), ['sign_in']);
    assert.equal(opened(), before);
    assert.match(
      await call(client, 'sign_in'),
      /signed in to .* as ada@example\.com\. Its tools are: .*echo/,
    );
    assert.equal(opened(), before + 1);
  });
});
