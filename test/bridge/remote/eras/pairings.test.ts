import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { serveFetch } from '../../../conformance/httpServer.ts';
import { text, until, useSurroundings } from '../fixtures.ts';
import { createModernFeatures } from '../stateless/modernServer.ts';
import { methods, request, useModernServers } from '../stateless/useModernServers.ts';
import { startRawClient, type Json, type RawClient } from '../rawClient.ts';
import type { Interceptor, RemoteServer } from '../remoteServer.ts';

const modern = createMcpHandler(createModernFeatures, { legacy: 'reject' });

/** Answers as a server that speaks nothing but the newer revision. */
const asModern: Interceptor = (incoming, response) => {
  serveFetch(modern.fetch, incoming, response).catch(() => response.destroy());
  return true;
};

/** What a server was asked: the method, where headers say it, else whether it belongs to a session. */
const asked = ({ requests }: RemoteServer) =>
  requests
    .filter(({ method }) => method === 'POST')
    .map(
      ({ headers }) => headers['mcp-method'] ?? (headers['mcp-session-id'] ? 'in a session' : 'initialize'),
    );

const echo = (id: unknown) => request(id, 'tools/call', { name: 'echo', arguments: { text: String(id) } });

async function echoes(client: RawClient, id: unknown): Promise<void> {
  client.send(echo(id));
  const answer = await client.answer(id);
  const { content } = (answer['result'] ?? {}) as { content?: unknown };
  assert.deepEqual(content, [{ type: 'text', text: String(id) }], JSON.stringify(answer));
}

describe('[eras] omnispindle connect before a server of both revisions', () => {
  const here = useModernServers();

  it('leaves each client its own revision', async () => {
    const server = await here.serve('stateless');
    const older = await here.startRaw(server);
    assert.ok((await older.begin())['result']);
    assert.ok((await older.call('tools/list'))['result']);
    assert.ok(!methods(server).includes('server/discover'));
    server.requests.length = 0;
    const { client } = await here.connect(server);
    await client.listTools();
    assert.deepEqual(methods(server), ['server/discover', 'tools/list']);
  });
});

describe('[eras] omnispindle connect, where client and server are of different revisions,', () => {
  const here = useSurroundings();
  let clients: RawClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.map(client => client.stop()));
    clients = [];
  });

  async function start(...flags: string[]): Promise<RawClient> {
    const { tenant, directory, remote } = here;
    const env = { AUTH0_TOKEN: await tenant.sign({}) };
    const client = startRawClient({ tenant, directory, env }, [remote.url, ...flags]);
    clients.push(client);
    return client;
  }

  const forgetAll = () => {
    rmSync(join(here.directory, 'data', 'servers'), { recursive: true, force: true });
  };

  it('asks an older server once, and the next process not at all', async () => {
    const first = await start();
    await echoes(first, 'one');
    assert.deepEqual(asked(here.remote).slice(0, 2), ['server/discover', 'initialize']);
    await first.stop();
    here.remote.requests.length = 0;
    const second = await start();
    await echoes(second, 'two');
    assert.ok(!asked(here.remote).includes('server/discover'), asked(here.remote).join());
  });

  it('finds a newer server by its refusal, and the next process begins with the question', async () => {
    here.remote.intercept = asModern;
    const { client: first } = await here.connect();
    assert.equal(await text({ client: first }, 'echo', { text: 'one' }), 'one');
    assert.deepEqual(asked(here.remote).slice(0, 2), ['initialize', 'server/discover']);
    await first.close();
    here.remote.requests.length = 0;
    const { client: second } = await here.connect();
    assert.equal(await text({ client: second }, 'echo', { text: 'two' }), 'two');
    assert.equal(asked(here.remote)[0], 'server/discover');
    assert.ok(!asked(here.remote).includes('initialize'));
  });

  it('asks a newer server nothing more, once it is known', async () => {
    here.remote.intercept = asModern;
    const first = await start();
    await echoes(first, 'one');
    await first.stop();
    here.remote.requests.length = 0;
    await echoes(await start(), 'two');
    assert.deepEqual(asked(here.remote), ['tools/call']);
  });

  it('keeps nothing of the address or the token', async () => {
    await echoes(await start(), 'one');
    const kept = readFileSync(join(here.directory, 'data', 'servers', 'eras.json'), 'utf8');
    assert.doesNotMatch(kept, /127\.0\.0\.1|mcp|eyJ/);
  });

  it('sees where an older server has become a newer one', async () => {
    const before = await start();
    await echoes(before, 'one');
    here.remote.intercept = asModern;
    // In the process that knew it, and in one that remembers it.
    await echoes(before, 'two');
    forgetAll();
    here.remote.intercept = undefined;
    const first = await start();
    await echoes(first, 'three');
    await first.stop();
    here.remote.intercept = asModern;
    await echoes(await start(), 'four');
  });

  it('sees where a newer server has become an older one', async () => {
    here.remote.intercept = asModern;
    const before = await start();
    await echoes(before, 'one');
    here.remote.intercept = undefined;
    await echoes(before, 'two');
    await before.stop();
    forgetAll();
    here.remote.intercept = asModern;
    const first = await start();
    await echoes(first, 'three');
    await first.stop();
    here.remote.intercept = undefined;
    await echoes(await start(), 'four');
  });

  it('tells a server of the other revision what an older client has said', async () => {
    const { client, heard } = await here.connect();
    await client.setLoggingLevel('error');
    await client.callTool({ name: 'log', arguments: {} });
    assert.deepEqual(heard, ['an error']);
    here.remote.forget();
    here.remote.intercept = asModern;
    await client.callTool({ name: 'log', arguments: {} });
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ['an error', 'an error']);
    here.remote.intercept = undefined;
    await client.callTool({ name: 'log', arguments: {} });
    await until(() => heard.length === 3);
    assert.deepEqual(heard, ['an error', 'an error', 'an error']);
  });

  for (const [status, words] of Object.entries({
    401: /AUTH0_TOKEN/,
    403: /status 403/,
    429: /status 429/,
    502: /status 502/,
  })) {
    it(`finds no revision in status ${status}, and asks again at the next call`, async () => {
      here.remote.intercept = (_request, response) => {
        response.writeHead(Number(status)).end();
        return true;
      };
      const client = await start();
      client.send(echo('one'));
      const { error } = await client.answer('one');
      assert.match(String((error as Json)['message']), words);
      assert.ok(!asked(here.remote).includes('initialize'));
      here.remote.intercept = asModern;
      await echoes(client, 'two');
    });
  }

  it('asks once where a server of the same revision refuses what it knows', async () => {
    here.remote.intercept = asModern;
    const client = await start();
    await echoes(client, 'one');
    here.remote.requests.length = 0;
    here.remote.intercept = (incoming, response) => {
      if (incoming.headers['mcp-method'] !== 'tools/call') return asModern(incoming, response);
      response.writeHead(400).end('This is a bad call.');
      return true;
    };
    for (const id of ['two', 'three']) {
      client.send(echo(id));
      const { error } = await client.answer(id);
      assert.match(String((error as Json)['message']), /This is a bad call/);
    }
    assert.deepEqual(asked(here.remote), ['tools/call', 'server/discover', 'tools/call']);
  });

  it('speaks the older revision only by the older transport', async () => {
    here.remote.intercept = asModern;
    const client = await start('--transport', 'sse-only');
    client.send(echo('one'));
    assert.ok((await client.answer('one'))['error']);
    assert.deepEqual(asked(here.remote), []);
  });
});
