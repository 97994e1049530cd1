import assert from 'node:assert/strict';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { IncomingMessage } from 'node:http';
import { useUser } from '../../tenant/useTenant.ts';
import { run, startClient, visits } from '../../terminal/fixtures.ts';
import { startRemoteServer, type RemoteServer } from '../remote/remoteServer.ts';

describe('a server that refuses the stored token, of a session that the tenant has ended', () => {
  let remote: RemoteServer;
  /** The tokens that the server refuses. */
  let refused: Set<string | undefined>;
  let isSpared: (request: IncomingMessage) => boolean;
  const clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
    await remote.stop();
  });

  async function start(): Promise<Client> {
    const args = ['connect', remote.url, '--default-audience'];
    const { client } = await startClient(args, { tenant: given.tenant, directory: given.directory });
    clients.push(client);
    return client;
  }
  const opened = () => visits(given.directory).length;

  beforeEach(async () => {
    refused = new Set();
    isSpared = () => false;
    remote = await startRemoteServer();
    remote.intercept = (request, response) => {
      if (!refused.has(request.headers.authorization) || isSpared(request)) return false;
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return true;
    };
    assert.equal((await run(given, 'login')).code, 0);
  });

  async function endSession(): Promise<void> {
    for (const { authorization } of remote.requests) refused.add(authorization);
    await given.tenant.revokeSessions();
  }

  /** Has the server list for the account, and ends its session, which this machine does not know yet. */
  async function listAndEnd() {
    const client = await start();
    const listed = await client.listTools();
    await client.close();
    await endSession();
    return listed;
  }

  const echo = (client: Client) => client.callTool({ name: 'echo', arguments: { text: 'wool' } });

  it('[E1] starts and lists what is remembered without opening a browser, and the first call signs in', async () => {
    const listed = await listAndEnd();
    const before = opened();
    const asked = remote.requests.length;
    const client = await start();
    assert.deepEqual(await client.listTools(), listed);
    assert.ok(remote.requests.length > asked, 'the token was tried');
    assert.equal(opened(), before);
    assert.match(JSON.stringify(await echo(client)), /wool/);
    assert.equal(opened(), before + 1);
    assert.deepEqual(await client.listTools(), listed);
  });

  it('[E1] lists what is remembered also where it refuses no more than the list', async () => {
    const listed = await listAndEnd();
    const before = opened();
    let isFirst = true;
    isSpared = ({ method }) => {
      const isIt = method === 'POST' && isFirst;
      if (isIt) isFirst = false;
      return isIt;
    };
    const client = await start();
    assert.deepEqual(await client.listTools(), listed);
    assert.equal(opened(), before);
    assert.match(JSON.stringify(await echo(client)), /wool/);
    assert.equal(opened(), before + 1);
  });

  it('[E1] asks nobody for a list while it runs, and the next call signs in', async () => {
    const client = await start();
    const listed = await client.listTools();
    const before = opened();
    await endSession();
    assert.deepEqual(await client.listTools(), listed);
    assert.equal(opened(), before);
    assert.match(JSON.stringify(await echo(client)), /wool/);
    assert.equal(opened(), before + 1);
    assert.deepEqual(await client.listTools(), listed);
  });

  it('[E1] names its tools after the call of the one tool that stands for them', async () => {
    const { intercept } = remote;
    remote.intercept = (request, response) => {
      // Nothing was ever listed: the first token that comes is the one of the login.
      if (refused.size === 0) refused.add(request.headers.authorization);
      return intercept?.(request, response) ?? false;
    };
    await given.tenant.revokeSessions();
    const before = opened();
    const client = await start();
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['sign_in'],
    );
    assert.equal(opened(), before);
    const { content } = await client.callTool({ name: 'sign_in', arguments: {} });
    assert.match(JSON.stringify(content), /signed in to .* as ada@example\.com\. Its tools are: .*echo/);
    assert.equal(opened(), before + 1);
  });
});
