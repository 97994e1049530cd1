import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { temporaryDirectory } from '../../auth/fixtures.ts';
import { cli, run, userEnvironment, visits } from '../../terminal/fixtures.ts';
import { startTenant, type DemoTenant } from '../../tenant/tenant.ts';
import { cancelled, startRemoteServer, type RemoteServer } from './remoteServer.ts';

describe('omnispindle connect', () => {
  let tenant: DemoTenant;
  let remote: RemoteServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  const clients: Client[] = [];

  before(async () => {
    tenant = await startTenant();
  });
  after(() => tenant.close());
  beforeEach(async () => {
    directory = temporaryDirectory();
    remote = await startRemoteServer();
    tenant.resetCounters();
    tenant.setTokenLifetime(3_600);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
    await remote.stop();
    directory.remove();
  });

  async function connect(...flags: string[]): Promise<Client> {
    const client = new Client(
      { name: 'test', version: '1.0.0' },
      { capabilities: { sampling: {}, elicitation: {}, roots: {} } },
    );
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      model: 'test-model',
      role: 'assistant',
      content: { type: 'text', text: 'Hello' },
    }));
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///wool' }] }));
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'connect', remote.url, ...flags],
        env: userEnvironment({ tenant, directory: directory.path, env: { SPINDLE: 'merino' } }),
        stderr: 'ignore',
      }),
    );
    clients.push(client);
    return client;
  }
  const text = async (client: Client, name: string, input: Record<string, unknown> = {}) =>
    ((await client.callTool({ name, arguments: input })).content as { text: string }[])[0]?.text;
  const isGood = (authorization: string | undefined) => /^Bearer ey/.test(authorization ?? '');

  it('signs in once and gives every request a token', async () => {
    const client = await connect();
    assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
    assert.equal(visits(directory.path).length, 1);
    assert.ok(remote.requests.every(({ authorization }) => isGood(authorization)));
  });

  it('passes progress, logging, sampling, elicitation, roots and list changes', async () => {
    const client = await connect();
    const seen: unknown[] = [];
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      seen.push(params.data);
    });
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      seen.push('changed');
    });
    const progress: number[] = [];
    const result = await client.callTool({ name: 'features', arguments: {} }, undefined, {
      onprogress: news => progress.push(news.progress),
    });
    const [{ text: answer }] = result.content as [{ text: string }];
    assert.deepEqual(JSON.parse(answer), { model: 'test-model', action: 'decline', roots: 1 });
    assert.deepEqual(progress, [1, 2, 3]);
    remote.listChanged();
    await delay(300);
    assert.deepEqual(seen, ['hello', 'changed']);
  });

  it('passes a cancellation', async () => {
    const client = await connect();
    const stop = new AbortController();
    const before = cancelled.count;
    const called = client.callTool({ name: 'slow', arguments: { ms: 10_000 } }, undefined, {
      signal: stop.signal,
    });
    await delay(200);
    stop.abort();
    await assert.rejects(called);
    await delay(200);
    assert.equal(cancelled.count, before + 1);
  });

  it('renews a token that goes stale, without a restart', async () => {
    tenant.setTokenLifetime(2);
    const client = await connect();
    for (let i = 0; i < 8; i++) {
      assert.equal(await text(client, 'echo', { text: String(i) }), String(i));
      await delay(600);
    }
    const tokens = new Set(remote.requests.map(({ authorization }) => authorization));
    assert.ok(tokens.size >= 3);
    assert.equal(visits(directory.path).length, 1);
  });

  it('answers a 401 by one renewal and one retry; a second one by an error that says so', async () => {
    const client = await connect();
    await text(client, 'echo', { text: 'first' });
    let refusals = 1;
    remote.intercept = ({ method }, response) =>
      method === 'POST' && refusals-- > 0 && Boolean(response.writeHead(401).end());
    assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
    assert.equal(tenant.counters()['token:refresh_token'], 1);
    refusals = 1_000;
    const posts = () => remote.requests.filter(({ method }) => method === 'POST').length;
    const before = posts();
    await assert.rejects(text(client, 'echo', { text: 'hi' }), /does not accept the token, a new one either/);
    assert.equal(posts(), before + 2);
  });

  it('asks for a scope that is missing, once', async () => {
    const client = await connect();
    await text(client, 'echo', { text: 'first' });
    let refusals = 1;
    remote.intercept = ({ method }, response) =>
      method === 'POST' &&
      refusals-- > 0 &&
      Boolean(
        response
          .writeHead(403, { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write:todos"' })
          .end(),
      );
    assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
    assert.match(visits(directory.path)[1] ?? '', /write%3Atodos|write:todos/);
    refusals = 1_000;
    await assert.rejects(text(client, 'echo', { text: 'hi' }), /does not allow this/);
    assert.equal(visits(directory.path).length, 2);
  });

  it('begins a new session when the server forgot it, and waits while it restarts', async () => {
    const client = await connect();
    await text(client, 'echo', { text: 'hi' });
    remote.forget();
    assert.equal(await text(client, 'echo', { text: 'again' }), 'again');
    await remote.stop();
    const called = text(client, 'echo', { text: 'later' });
    await delay(700);
    await remote.startAgain();
    assert.equal(await called, 'later');
  });

  it('gets an answer whose stream broke by resumption', async () => {
    const client = await connect();
    const called = text(client, 'slow', { ms: 1_500 });
    await delay(300);
    remote.drop();
    assert.equal(await called, 'done');
    assert.ok(remote.requests.some(({ headers }) => headers['last-event-id'] !== undefined));
  });

  it('never takes the token, or a header, to another origin', async () => {
    const stolen: unknown[] = [];
    const thief = createServer((request, response) => {
      stolen.push(request.headers);
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => thief.once('listening', resolve));
    try {
      const client = await connect('--header', 'X-Wool: ${SPINDLE}');
      assert.equal(remote.requests[0]?.headers['x-wool'], 'merino');
      const elsewhere = `http://127.0.0.1:${String((thief.address() as AddressInfo).port)}/mcp`;
      for (const status of [301, 302, 303, 307, 308]) {
        remote.intercept = (_request, response) =>
          Boolean(response.writeHead(status, { location: elsewhere }).end());
        await assert.rejects(text(client, 'echo', { text: 'hi' }), /never taken to another address/);
      }
      assert.deepEqual(stolen, []);
    } finally {
      thief.close();
    }
  });

  it('hides and refuses tools', async () => {
    const client = await connect('--ignore-tool', 'hidden*');
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(tool => tool.name).sort(), ['echo', 'features', 'slow']);
    await assert.rejects(text(client, 'hidden_tool'), /turned off/);
  });

  it('ends the session at the server when the client goes', async () => {
    const client = await connect();
    await text(client, 'echo', { text: 'hi' });
    await client.close();
    await delay(300);
    assert.ok(remote.requests.some(({ method }) => method === 'DELETE'));
  });

  for (const [address, saying] of [
    ['http://example.com/mcp', /only for this machine/],
    ['https://user:S3CRET@example.com/mcp', /a password never/],
    ['nonsense', /not the address/],
  ] as const) {
    it(`refuses ${address.replace('S3CRET', '…')}`, async () => {
      const ran = await run({ tenant, directory: directory.path }, 'connect', address);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, saying);
      assert.doesNotMatch(ran.stderr, /S3CRET/);
    });
  }
});
