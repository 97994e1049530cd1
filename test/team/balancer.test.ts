import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../freePort.ts';
import { eventually } from '../eventually.ts';
import { startBalancer, type Balancer } from './balancer.ts';

interface Upstream {
  readonly origin: string;
  /** What reached it, beside the questions whether it is ready. */
  readonly heard: IncomingMessage[];
  isReady: boolean;
  stop(): Promise<void>;
}

describe('the balancer of the demo and the tests', () => {
  const upstreams: Upstream[] = [];
  let balancer: Balancer | undefined;
  afterEach(async () => {
    await balancer?.close();
    balancer = undefined;
    await Promise.all(upstreams.splice(0).map(upstream => upstream.stop()));
  });

  async function startUpstream(answer: RequestListener, port = 0): Promise<Upstream> {
    const upstream = { heard: [] as IncomingMessage[], isReady: true };
    const server: Server = createServer((asked, response) => {
      if (asked.url === '/readyz') {
        response.writeHead(upstream.isReady ? 200 : 503).end();
        return;
      }
      upstream.heard.push(asked);
      answer(asked, response);
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    const started = Object.assign(upstream, {
      origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
      async stop() {
        if (!server.listening) return;
        server.close();
        server.closeAllConnections();
        await once(server, 'close');
      },
    });
    upstreams.push(started);
    return started;
  }

  const saysItsName =
    (name: string): RequestListener =>
    (asked, response) => {
      asked.resume();
      response.end(name);
    };

  async function balance(...origins: string[]): Promise<Balancer> {
    balancer = await startBalancer(origins, { interval: 20 });
    return balancer;
  }

  const ask = async (url: string, init?: RequestInit) => {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const post = (url: string, body = 'work') => ask(url, { method: 'POST', body });

  it('gives each replica its turn', async () => {
    const [a, b] = [await startUpstream(saysItsName('a')), await startUpstream(saysItsName('b'))];
    const { url } = await balance(a.origin, b.origin);
    const names = [];
    for (let turn = 0; turn < 6; turn++) names.push((await post(url)).text);
    assert.deepEqual(names, ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(balancer!.served(), { [a.origin]: 3, [b.origin]: 3 });
  });

  it('passes a request and its answer on as they are', async () => {
    const upstream = await startUpstream((asked, response) => {
      void text(asked).then(body => {
        response.writeHead(418, { 'x-two': ['1', '2'], 'content-type': 'application/json' });
        response.end(JSON.stringify({ method: asked.method, url: asked.url, headers: asked.headers, body }));
      });
    });
    const { url, port } = await balance(upstream.origin);
    const response = await fetch(`${url}/mcp?x=%20y`, {
      method: 'PUT',
      body: 'ä'.repeat(100_000),
      headers: { authorization: 'Bearer t', 'x-forwarded-for': '192.0.2.1', 'x-own': 'mine' },
    });
    const { headers, body, ...line } = (await response.json()) as Record<string, unknown> & {
      headers: IncomingMessage['headers'];
    };
    assert.equal(response.status, 418);
    assert.equal(response.headers.get('x-two'), '1, 2');
    assert.deepEqual(line, { method: 'PUT', url: '/mcp?x=%20y' });
    assert.equal(body, 'ä'.repeat(100_000));
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['x-own'], 'mine');
    assert.equal(headers.host, `127.0.0.1:${String(port)}`);
    assert.equal(headers['x-forwarded-host'], `127.0.0.1:${String(port)}`);
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.match(String(headers['x-forwarded-for']), /^192\.0\.2\.1, 127\.0\.0\.1$/);
  });

  it('passes on a body that comes in pieces, and pieces of an answer as they come', async () => {
    const upstream = await startUpstream((asked, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      asked.pipe(response);
    });
    const { url } = await balance(upstream.origin);
    const sent = request(url, { method: 'POST' });
    sent.flushHeaders();
    // It has answered before the body has ended, and before the answer has a first piece.
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    for (const piece of ['one', 'two']) {
      sent.write(piece);
      assert.equal(String(((await once(answer, 'data')) as [Buffer])[0]), piece);
    }
    sent.end();
    await once(answer, 'end');
  });

  it('takes another replica, whatever the method, where one refuses connections', async () => {
    const gone = `http://127.0.0.1:${String(await freePort())}`;
    const upstream = await startUpstream(saysItsName('here'));
    const { url } = await balance(gone, upstream.origin);
    for (let turn = 0; turn < 4; turn++) assert.equal((await post(url)).text, 'here');
    assert.deepEqual(balancer!.ready(), [upstream.origin]);
  });

  it('takes a replica out that is not ready, and back in when it is', async () => {
    const [a, b] = [await startUpstream(saysItsName('a')), await startUpstream(saysItsName('b'))];
    const { url } = await balance(a.origin, b.origin);
    a.isReady = false;
    await eventually('a out', () => !balancer!.ready().includes(a.origin));
    for (let turn = 0; turn < 4; turn++) assert.equal((await post(url)).text, 'b');
    a.isReady = true;
    await eventually('a in', () => balancer!.ready().includes(a.origin));
    const names = [(await post(url)).text, (await post(url)).text].sort();
    assert.deepEqual(names, ['a', 'b']);
  });

  it('takes a replica back in that was killed and started', async () => {
    const [a, b] = [await startUpstream(saysItsName('a')), await startUpstream(saysItsName('b'))];
    const { url } = await balance(a.origin, b.origin);
    await a.stop();
    for (let turn = 0; turn < 4; turn++) assert.equal((await post(url)).text, 'b');
    await eventually('a out', () => !balancer!.ready().includes(a.origin));
    await startUpstream(saysItsName('a again'), Number(new URL(a.origin).port));
    await eventually('a in', () => balancer!.ready().includes(a.origin));
    const names = [(await post(url)).text, (await post(url)).text].sort();
    assert.deepEqual(names, ['a again', 'b']);
  });

  it('does not repeat what may have been done', async () => {
    const breaks = await startUpstream(asked => {
      asked.socket.destroy();
    });
    const other = await startUpstream(saysItsName('other'));
    const { url } = await balance(breaks.origin, other.origin);
    const { status, text: said } = await post(url);
    assert.equal(status, 502);
    assert.match(said, /may have been carried out/);
    assert.deepEqual([breaks.heard.length, other.heard.length], [1, 0]);
  });

  it('repeats what changes nothing', async () => {
    const breaks = await startUpstream(asked => {
      asked.socket.destroy();
    });
    const other = await startUpstream(saysItsName('other'));
    const { url } = await balance(breaks.origin, other.origin);
    assert.equal((await ask(url)).text, 'other');
    assert.equal((await ask(url, { method: 'HEAD' })).status, 200);
    assert.ok(breaks.heard.length >= 1);
  });

  it('breaks an answer off that was broken off', async () => {
    const breaks = await startUpstream((asked, response) => {
      response.write('half of it');
      void delay(20).then(() => asked.socket.destroy());
    });
    const { url } = await balance(breaks.origin);
    await assert.rejects(ask(url));
    assert.equal(breaks.heard.length, 1);
  });

  it('gives up for a client that gives up', async () => {
    const aborted = Promise.withResolvers<undefined>();
    const waits = await startUpstream((_asked, response) => {
      response.on('close', () => {
        aborted.resolve(undefined);
      });
    });
    const { url } = await balance(waits.origin);
    const controller = new AbortController();
    const asking = assert.rejects(ask(url, { signal: controller.signal }));
    await eventually('the request', () => waits.heard.length === 1);
    controller.abort();
    await Promise.all([asking, aborted.promise]);
  });

  it('says when to come again where no replica is there', async () => {
    const { url } = await balance(`http://127.0.0.1:${String(await freePort())}`);
    const { status, headers } = await post(url);
    assert.equal(status, 503);
    assert.equal(headers.get('retry-after'), '1');
  });

  it('finishes what runs before it ends', async () => {
    const held = Promise.withResolvers<undefined>();
    const upstream = await startUpstream((asked, response) => {
      void Promise.all([json(asked), held.promise]).then(([sent]) => response.end(JSON.stringify(sent)));
    });
    const { url } = await balance(upstream.origin);
    const asking = post(url, '{"a":1}');
    await eventually('the request', () => upstream.heard.length === 1);
    const closed = balancer!.close();
    balancer = undefined;
    held.resolve(undefined);
    assert.equal((await asking).text, '{"a":1}');
    await closed;
    await assert.rejects(ask(url));
  });
});
