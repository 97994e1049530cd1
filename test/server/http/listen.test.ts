import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, Agent, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createHttpApp, defaultLimits, type HttpAppOptions } from '../../../src/server/http/app.ts';
import { listen, type Listening } from '../../../src/server/http/listen.ts';
import { failsWith } from '../../auth/fixtures.ts';
import { callOf, resultOf, useHttpApp } from './fixtures.ts';

describe('a server that listens', () => {
  const given = useHttpApp();
  const servers: Listening[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(server => server.close()));
  });

  async function start(
    different: Partial<HttpAppOptions> = {},
    listening: Partial<Parameters<typeof listen>[1]> = {},
  ): Promise<Listening> {
    const app = createHttpApp({ ...given.options, ...different });
    const server = await listen(app, { host: '127.0.0.1', port: 0, stopLimit: 5_000, ...listening });
    servers.push(server);
    return server;
  }
  /** Sends that text as it is. @returns all that is answered until the connection ends */
  async function sendRaw({ url }: Listening, ...parts: string[]): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    for (const part of parts) socket.write(part);
    let answer = '';
    socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
    // Who still sends when it has been answered may see a reset.
    socket.on('error', () => undefined);
    await new Promise(resolve => socket.once('close', resolve));
    return answer;
  }
  async function call({ url }: Listening, request: Request, agent?: Agent): Promise<IncomingMessage> {
    const sent = httpRequest(new URL('/mcp', url), {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      ...(agent && { agent }),
    });
    sent.end(await request.text());
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  }
  const statusIn = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

  /** A store that answers when it is told to. */
  function heldStore() {
    const { promise: held, resolve } = Promise.withResolvers<undefined>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>();
    const store: HttpAppOptions['store'] = async caller => {
      ask(undefined);
      await held;
      return given.store.of(caller);
    };
    return {
      store,
      asked,
      release: () => {
        resolve(undefined);
      },
    };
  }

  it('answers over a socket in both eras', async () => {
    const server = await start();
    for (const era of ['2025', '2026'] as const) {
      const response = await call(server, callOf('whoami', {}, { token: await given.sign(), era }));
      assert.equal(response.statusCode, 200);
      assert.match(await text(response), /auth0\|ada/);
    }
  });

  it('says at which port another program listens', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await failsWith(start({}, { port }), 'port_in_use', new RegExp(`${String(port)}.*--port`));
      await failsWith(start({}, { host: '192.0.2.1' }), 'invalid_settings', /192\.0\.2\.1.*--host/);
    } finally {
      other.close();
    }
  });

  it('refuses headers that are too large, too many, or doubled', async () => {
    const server = await start();
    const head = 'POST /mcp HTTP/1.1\r\nHost: todos.example.com\r\nConnection: close\r\n';
    const token = await given.sign();
    for (const [lines, status] of [
      [`Authorization: Bearer ${'a'.repeat(100_000)}\r\n`, 431],
      [`X-Filling: ${'a'.repeat(20_000)}\r\n`, 431],
      ['X-A: b\r\n'.repeat(200), 431],
      [`Authorization: Bearer ${token}\r\nAuthorization: Bearer ${token}\r\n`, 400],
      ['Content-Length: 1\r\nContent-Length: 2\r\n', 400],
      ['Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', 400],
      ['Bad Header: x\r\n', 400],
      ['Host: evil.example\r\n', 400],
      ['Host: todos.example.com\r\n', 400],
    ] as const) {
      const answer = await sendRaw(server, `${head}${lines}\r\n`);
      assert.equal(statusIn(answer), status, lines.slice(0, 40));
    }
    assert.equal(statusIn(await sendRaw(server, 'POST /mcp HTTP/1.1\r\nConnection: close\r\n\r\n')), 400);
    assert.equal(statusIn(await sendRaw(server, 'nonsense\r\n\r\n')), 400);
  });

  it('goes by the host of an address that a request names whole, whatever its header says', async () => {
    const server = await start();
    for (const [target, host, status] of [
      ['http://evil.example/mcp', 'evil.example', 403],
      ['http://evil.example/mcp', 'todos.example.com', 403],
      ['https://evil.example:443/mcp', 'todos.example.com', 403],
      ['http://todos.example.com@evil.example/mcp', 'todos.example.com', 403],
      ['http://ada:x@todos.example.com/mcp', 'todos.example.com', 403],
      ['http://evil.example?x', 'todos.example.com', 403],
      ['http://todos.example.com/mcp', 'evil.example', 401],
      ['http://TODOS.example.com:80/mcp', 'todos.example.com', 401],
      ['ftp://todos.example.com/mcp', 'todos.example.com', 400],
      ['//evil.example/mcp', 'todos.example.com', 404],
    ] as const) {
      const head = `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
      assert.equal(statusIn(await sendRaw(server, head)), status, `${target} ${host}`);
    }
  });

  it('takes a body as it is, or in chunks, and in no other way', async () => {
    const server = await start();
    const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    const head = `POST /mcp HTTP/1.1\r\nHost: todos.example.com\r\nConnection: close\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nAuthorization: Bearer ${await given.sign()}\r\n`;
    const chunks = (how: string, rest = '0\r\n\r\n') =>
      sendRaw(server, `${head}Transfer-Encoding: ${how}\r\n\r\n28\r\n${ping}\r\n${rest}`);
    assert.equal(statusIn(await chunks('chunked')), 200);
    assert.equal(statusIn(await chunks('Chunked', '0\r\nAuthorization: Bearer x\r\n\r\n')), 200);
    for (const how of ['gzip, chunked', 'deflate,chunked', 'identity, chunked']) {
      assert.equal(statusIn(await chunks(how)), 501, how);
    }
    for (const how of ['gzip', 'identity', 'xchunked', 'chunked, gzip', 'chunked, chunked']) {
      assert.equal(statusIn(await chunks(how)), 400, how);
    }
  });

  it('ends a connection whose headers or body do not come, and answers others meanwhile', async () => {
    const server = await start({}, { limits: { headers: 300, request: 600, checkEvery: 50 } });
    const token = await given.sign();
    const head = `POST /mcp HTTP/1.1\r\nHost: todos.example.com\r\n`;
    const full = `${head}Authorization: Bearer ${token}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: 100\r\n\r\n{`;
    const slow = Array.from({ length: 40 }, (_, i) => sendRaw(server, i % 2 ? head : full));
    assert.equal((await call(server, callOf('whoami', {}, { token }))).statusCode, 200);
    for (const answer of await Promise.all(slow)) assert.equal(statusIn(answer), 408);
  });

  it('does not read what it has refused', async () => {
    const server = await start();
    const body = 'x'.repeat(3_000_000);
    const head = `POST /mcp HTTP/1.1\r\nHost: todos.example.com\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const length = `Content-Length: ${String(body.length)}\r\n`;
    assert.equal(statusIn(await sendRaw(server, `${head}${length}\r\n`, body)), 401);
    const token = `Authorization: Bearer ${await given.sign()}\r\n`;
    assert.equal(statusIn(await sendRaw(server, `${head}${token}${length}\r\n`)), 413);
    const chunk = `${(60_000).toString(16)}\r\n${'x'.repeat(60_000)}\r\n`;
    const answer = await sendRaw(
      server,
      `${head}${token}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array<string>(40).fill(chunk),
    );
    assert.equal(statusIn(answer), 413);
    const lines = `POST /import HTTP/1.1\r\nHost: todos.example.com\r\nConnection: close\r\nContent-Type: application/jsonl\r\n`;
    const records = await sendRaw(
      server,
      `${lines}${token}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array<string>(200).fill(chunk.replaceAll('x', ' ')),
    );
    assert.equal(statusIn(records), 413);
  });

  for (const era of ['2025', '2026'] as const) {
    it(`finishes what is under way when it ends, and takes nothing new, in the era of ${era}`, async () => {
      const { store, asked, release } = heldStore();
      const server = await start({ store });
      const agent = new Agent({ keepAlive: true });
      const token = await given.sign();
      const idle = await call(server, callOf('whoami', {}, { token, era }), agent);
      await text(idle);
      const todo = { description: 'Spin', project: `ending-${era}` };
      const added = call(server, callOf('add_todo', todo, { token, era }));
      await asked;
      const closed = server.close();
      await assert.rejects(call(server, callOf('whoami', {}, { token, era })));
      release();
      const response = await added;
      assert.equal(response.statusCode, 200);
      const answer = new Response(await text(response));
      assert.match(JSON.stringify(await resultOf(answer)), new RegExp(todo.project));
      assert.equal(await closed, true);
      agent.destroy();
    });
  }

  for (const era of ['2025', '2026'] as const) {
    it(`keeps no place for a client that has gone away, in the era of ${era}`, async () => {
      const { store, asked, release } = heldStore();
      const limits = { ...defaultLimits, concurrency: { overall: 1, perAccount: 1 } };
      const server = await start({ store, limits });
      const token = await given.sign();
      const agent = new Agent({ keepAlive: true });
      const left = assert.rejects(call(server, callOf('list_projects', {}, { token, era }), agent));
      await asked;
      agent.destroy();
      await left;
      const next = async () => (await call(server, callOf('whoami', {}, { token, era }))).statusCode;
      let status = await next();
      while (status === 503) status = await next();
      assert.equal(status, 200);
      release();
    });
  }

  it('still takes requests until balancers have noticed that it is to end', async () => {
    const server = await start();
    const noticed = Promise.withResolvers<undefined>();
    const closed = server.close(noticed.promise);
    assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
    const token = await given.sign();
    const late = await call(server, callOf('whoami', {}, { token }), new Agent({ keepAlive: true }));
    assert.equal(late.statusCode, 200);
    // So that the next request goes to another one.
    assert.equal(late.headers.connection, 'close');
    assert.match(await text(late), /auth0\|ada/);
    noticed.resolve(undefined);
    assert.equal(await closed, true);
    await assert.rejects(call(server, callOf('whoami', {}, { token })));
  });

  it('ends what takes longer than it may, and says so', async () => {
    const { store, asked, release } = heldStore();
    const server = await start({ store }, { stopLimit: 50 });
    const call2026 = call(server, callOf('list_projects', {}, { token: await given.sign() }));
    await asked;
    const ended = assert.rejects(call2026);
    assert.equal(await server.close(), false);
    await ended;
    release();
  });

  it('ends streams of news, and connections that say nothing, at once', async () => {
    const server = await start();
    const request = callOf('', {}, { token: await given.sign() });
    const body = (await request.json()) as { method: string; params: Record<string, unknown> };
    const { _meta } = body.params;
    const listening = new Request(request.url, {
      method: 'POST',
      headers: request.headers,
      body: JSON.stringify({ ...body, method: 'subscriptions/listen', params: { notifications: {}, _meta } }),
    });
    listening.headers.set('mcp-method', 'subscriptions/listen');
    listening.headers.delete('mcp-name');
    const stream = await call(server, listening);
    assert.equal(stream.statusCode, 200);
    const { hostname, port } = new URL(server.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    silent.resume();
    const gone = Promise.all([once(silent, 'close'), text(stream).catch(() => undefined)]);
    assert.equal(await server.close(), true);
    await gone;
  });
});
