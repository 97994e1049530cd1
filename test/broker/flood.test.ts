import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { isOmnispindleError } from '../../src/common/errors.ts';
import type { LiveToken } from '../../src/sessions/tokenCache.ts';
import { createBrokerTokenSource } from '../../src/broker/client.ts';
import type { BrokerHost, BrokerHostOptions } from '../../src/broker/host.ts';
import { maximumRequest } from '../../src/broker/protocol.ts';
import { keyVariable } from '../../src/broker/variables.ts';
import { dial, exchange, openWindow, post, question, token, type Env } from './fixtures.ts';

describe('who can ask the broker: a flood, or nonsense,', () => {
  let window: BrokerHost;
  let env: Env;
  let found: PromiseWithResolvers<LiveToken>;
  let waiting: number;

  async function open(options: Partial<BrokerHostOptions> = {}): Promise<void> {
    window = openWindow(() => {
      waiting++;
      return found.promise;
    }, options);
    ({ env } = await window.grant('ada'));
  }
  beforeEach(async () => {
    found = Promise.withResolvers();
    waiting = 0;
    await open();
  });
  afterEach(() => window.dispose());

  const closed = (socket: Socket) => new Promise(resolve => socket.once('close', resolve));
  const head = (...lines: string[]) =>
    ['POST /token HTTP/1.1', `authorization: Bearer ${env[keyVariable]!}`, ...lines, '', ''].join('\r\n');

  it('of questions is bounded: the 65th that waits is refused with words to act on, the others are answered', async () => {
    const client = createBrokerTokenSource(env)!;
    const asked = Array.from({ length: 65 }, () => client.getToken({}));
    const settled = Promise.allSettled(asked);
    const first = await Promise.race(asked).catch((error: unknown) => error);
    assert.ok(isOmnispindleError(first, 'server_error'));
    assert.match(first.message, /Too many calls wait.*Try again/);
    found.resolve(token('good'));
    const results = await settled;
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 64);
    assert.equal(waiting, 64);
    client.dispose();
  });

  it('of questions whose bodies never come is bounded too, and takes nothing from another server', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 64 }, async () => {
        const socket = dial(env);
        await once(socket, 'connect');
        socket.write(`${head('content-length: 20')}{`);
        return socket;
      }),
    );
    while ((await post(env, 'x')).status !== 429) await new Promise(setImmediate);
    const other = await window.grant('grace');
    found.resolve(token('good'));
    assert.equal((await post(other.env, question())).status, 200);
    for (const socket of sockets) socket.destroy();
    while ((await post(env, question())).status !== 200) await new Promise(setImmediate);
  });

  it('of connections is bounded: more are hung up on, and room that is free again is used', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 512 }, async () => {
        const socket = dial(env);
        await once(socket, 'connect');
        return socket;
      }),
    );
    assert.equal(await exchange(env, head('content-length: 0')), '');
    const client = createBrokerTokenSource(env)!;
    await assert.rejects(client.getToken({}), { code: 'session_lost' });
    for (const socket of sockets) socket.destroy();
    found.resolve(token('good'));
    while (!(await client.getToken({}).catch(() => undefined))) await new Promise(setImmediate);
    client.dispose();
  });

  it('of questions over one connection is cut short: one is asked, and its end is heard of', async () => {
    const said = head(`content-length: ${String(question().length)}`) + question();
    const client = exchange(env, said.repeat(100));
    while (waiting < 1) await new Promise(setImmediate);
    found.resolve(token('good'));
    assert.equal((await client).match(/"good"/g)?.length, 1);
    assert.equal(waiting, 1);
  });

  it('of event streams is bounded: those of one server leave room for another', async () => {
    const listen = head('content-length: 0').replace('POST /token', 'GET /events');
    const sockets = Array.from({ length: 512 }, () => dial(env));
    const refused = new Set<Socket>();
    for (const socket of sockets) {
      socket.on('data', (chunk: Buffer) => {
        if (chunk.toString().startsWith('HTTP/1.1 429 ')) refused.add(socket);
      });
      socket.write(listen);
    }
    await Promise.all(sockets.slice(64).map(closed));
    assert.equal(refused.size, 512 - 64);
    found.resolve(token('good'));
    const other = await window.grant('grace');
    assert.equal((await post(other.env, question())).status, 200);
    for (const socket of sockets) socket.destroy();
  });

  it('of slow headers and bodies blocks nobody, and is disconnected in the end; a person may be as slow as they like', async () => {
    await window.dispose();
    await open({ arrivalLimits: { headers: 1_000, request: 2_000, checkEvery: 200 } });
    const sockets = Array.from({ length: 100 }, () => dial(env));
    for (const [index, socket] of sockets.entries()) {
      socket.write(index % 2 ? 'POST /token HTTP/1.1\r\nx-slow: ' : `${head('content-length: 20')}{`);
      socket.resume();
    }
    const other = await window.grant('grace');
    const waits = post(other.env, question());
    while (waiting < 1) await new Promise(setImmediate);
    await Promise.all(sockets.map(closed));
    found.resolve(token('good'));
    assert.match((await waits).body, /"good"/);
    assert.equal((await post(env, question())).status, 200);
  });

  const large = 'x'.repeat(1 << 20);
  const refused: Record<string, [status: string, said: () => string]> = {
    'a body of 1 MB': ['413', () => head(`content-length: ${String(large.length)}`) + large],
    'a length of 1 MB and no body': ['413', () => head(`content-length: ${String(large.length)}`)],
    'a length just above the limit': ['413', () => head(`content-length: ${String(maximumRequest + 1)}`)],
    'a length that lies, before a body of 1 MB': [
      '',
      () => head(`content-length: ${String(question().length)}`) + question() + large,
    ],
    'a body in chunks, of no known length': [
      '413',
      () => `${head('transfer-encoding: chunked')}100000\r\n${large}`,
    ],
    'a length that is no number': ['', () => head('content-length: many')],
    'two lengths': ['', () => head('content-length: 1', 'content-length: 2')],
  };
  for (const [name, [status, said]] of Object.entries(refused)) {
    it(`with ${name} is hung up on${status ? ` after ${status}` : ''}, and others are answered`, async () => {
      found.resolve(token('good'));
      const heard = await exchange(env, said());
      assert.deepEqual(heard.match(/HTTP\/1\.1 \d+/g) ?? [''], [status && `HTTP/1.1 ${status}`]);
      assert.equal((await post(env, question())).status, 200);
    });
  }

  const malformed: Record<string, string> = {
    'no JSON': '{"version":',
    'no object': '[]',
    nothing: '',
    'no version': '{}',
    'another version': '{"version":2}',
    'a version in text': '{"version":"1"}',
    'a refused token that is none': '{"version":1,"rejected":{}}',
    'scopes that are no list': '{"version":1,"scopes":"all"}',
    'brackets without end': '['.repeat(maximumRequest),
  };
  for (const [name, body] of Object.entries(malformed)) {
    it(`with ${name} is refused (400) and reaches no session`, async () => {
      assert.deepEqual(await post(env, body), { status: 400, body: '' });
      assert.equal(waiting, 0);
    });
  }

  it('that stops within a word does no harm', async () => {
    const socket = dial(env);
    socket.write(`${head('content-length: 20')}{"ver`);
    await once(socket, 'connect');
    socket.destroy();
    found.resolve(token('good'));
    assert.equal((await post(env, question())).status, 200);
    assert.equal(waiting, 1);
  });
});
