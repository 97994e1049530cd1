import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { answerWith, events, json, plainResult, type OddAnswer, type OddRequest } from './oddServer.ts';
import type { RawClient } from './rawClient.ts';
import { assertWellFormed, saying, useInnerClients, useOddServers } from './useOddServer.ts';
import { describeNeeds } from '../../needs.ts';

const mega = 1024 * 1024;
const isCall = ({ message }: OddRequest) => message?.['method'] === 'tools/call';
const idOf = ({ message }: OddRequest) => JSON.stringify(message?.['id']);

/** Answers the call of a tool that way, and all else plainly. */
const toCalls =
  (answer: (response: ServerResponse, request: OddRequest) => unknown): OddAnswer =>
  (request, response) => {
    if (!isCall(request)) return undefined;
    answer(response, request);
    return true;
  };

/** Megabytes that a process has held at most (Linux, proc(5)). */
function peak({ pid }: RawClient): number {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Writes those chunks as fast as they are taken. @returns how many bytes were, when no more are for two seconds */
async function writeUntilFull(stream: NodeJS.WritableStream, chunk: string, times: number): Promise<number> {
  let written = 0;
  for (let left = times; left > 0; left--) {
    written += chunk.length;
    if (stream.write(chunk)) continue;
    const isFull = await Promise.race([once(stream, 'drain').then(() => false), delay(2_000, true)]);
    if (isFull) break;
  }
  return written;
}

describe('[T13] omnispindle connect, where a stream is opened again and again without an event,', () => {
  const here = useInnerClients();

  const gets = (requests: readonly OddRequest[]) => requests.filter(({ method }) => method === 'GET').length;
  /** Streams of that kind, whose answers are never there. */
  const streams =
    (begin: string, again: string): OddAnswer =>
    (request, response) => {
      if (request.method === 'GET') return response.writeHead(200, events).end(again);
      if (!isCall(request)) return undefined;
      response.writeHead(200, events).end(begin);
      return true;
    };

  for (const [what, begin, again] of [
    ['nothing in it', 'retry: 0\nid: 1\ndata:\n\n', ''],
    ['only a comment in it', 'retry: 0\nid: 1\ndata:\n\n', ': still there\n\n'],
    ['the same id in it', 'retry: 0\nid: 1\ndata:\n\n', 'id: 1\ndata:\n\n'],
    ['nonsense in it', 'retry: 0\nid: 1\ndata:\n\n', 'data: nonsense\n\n'],
  ] as const) {
    it(`gives it up, and says that the answer is lost: ${what}`, async () => {
      const server = await here.serve(streams(begin, again));
      const client = here.connect(server);
      await client.call('initialize');
      const answer = await client.call('tools/call', { name: 'x' });
      assertWellFormed(answer, answer['id']);
      assert.match(saying(answer), /was lost before the answer came/);
      assert.equal(gets(server.requests), 5);
      assert.ok((await client.call('ping'))['result']);
    });
  }

  it('asks again within its own limit where the server wants it in a year', async () => {
    const server = await here.serve((request, response) => {
      if (request.method !== 'GET' && !isCall(request)) return undefined;
      const id = idOf(server.requests.find(isCall) ?? request);
      const more = request.method === 'GET' ? `data: {"jsonrpc":"2.0","id":${id},"result":{}}` : 'data:';
      response.writeHead(200, events).end(`retry: 31536000000\nid: 1\n${more}\n\n`);
      return true;
    });
    const client = here.connect(server, { limits: { longestRetry: 300 } });
    await client.call('initialize');
    assert.ok((await client.call('tools/call', { name: 'x' }))['result']);
  });

  it('gives the server’s own stream up, and the calls go on', async () => {
    const server = await here.serve(streams('', 'retry: 0\n\n'));
    const client = here.connect(server, { debug: true });
    await client.begin();
    while (!client.stderr().includes('again and again without an event')) await delay(50);
    for (let times = 0; times < 5; times++) assert.ok((await client.call('ping'))['result']);
    assert.equal(gets(server.requests), 5);
  });

  it('begins no sixth session where each is lost at once, but for the next call', async () => {
    let stream: ServerResponse | undefined;
    let sessions = 0;
    const server = await here.serve((request, response) => {
      const { method, message } = request;
      if (method === 'GET') {
        stream = response;
        sessions++;
        response.writeHead(200, events).write('event: endpoint\ndata: /messages\n\n');
        return true;
      }
      response.writeHead(202).end();
      if (message?.['id'] !== undefined) {
        const result = plainResult(String(message['method']));
        stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message['id'], result })}\n\n`);
      }
      if (message?.['method'] === 'notifications/initialized') stream?.end();
      return true;
    });
    const client = here.connect(server, { transport: 'sse-only', debug: true });
    await client.begin();
    while (!client.stderr().includes('Each session is lost at once')) await delay(50);
    assert.equal(sessions, 6);
    await client.call('ping');
    assert.ok(sessions > 6);
  });
});

describe('[T13] omnispindle connect, where something is longer than 32 MB,', () => {
  const here = useOddServers();

  const long = 'x'.repeat(33 * mega);
  const result = (size: number) => `{"jsonrpc":"2.0","id":$id,"result":{"text":"${'x'.repeat(size)}"}}`;
  const scripts = `{"jsonrpc":"2.0","id":$id,"result":{"text":"${'紡'.repeat(11 * mega)}"}}`;

  for (const [what, headers, body] of [
    ['a body', json, result(33 * mega)],
    ['a body of fewer, but longer letters', json, scripts],
    ['a body without an end', json, undefined],
    ['an event', events, `data: ${result(33 * mega)}\n\n`],
    ['an event of fewer, but longer letters', events, `data: ${scripts}\n\n`],
    ['an event of many lines', events, `${`data: ${'x'.repeat(1_000)}\n`.repeat(34_000)}\n`],
    ['a line without an end', events, undefined],
    ['a comment', events, `: ${long}\n\n`],
    ['an id', events, `id: ${long}\n\n`],
  ] as const) {
    it(`says so of ${what} that the server sends, and goes on`, async () => {
      const server = await here.serve(
        toCalls((response, request) => {
          response.writeHead(200, headers);
          if (body === undefined) void writeUntilFull(response, 'x'.repeat(mega), 200);
          else response.end(body.replace('$id', idOf(request)));
        }),
      );
      const client = await here.connect(server);
      await client.begin();
      const answer = await client.call('tools/call', { name: 'x' });
      assertWellFormed(answer, answer['id']);
      assert.match(saying(answer), /more than 32 MB at once, .* Ask for less/);
      assert.ok((await client.call('ping'))['result']);
      assert.ok(peak(client) < 500, `${String(peak(client))} MB`);
    });
  }

  it('gives the server’s own stream up that sends it, and the calls go on', async () => {
    const ended = Promise.withResolvers<undefined>();
    const server = await here.serve(({ method }, response) => {
      if (method !== 'GET') return undefined;
      response.once('close', () => {
        ended.resolve(undefined);
      });
      return response.writeHead(200, events).write(`data: ${long}`) || true;
    });
    const client = await here.connect(server);
    await client.begin();
    await ended.promise;
    assert.ok((await client.call('ping'))['result']);
    assert.equal(server.requests.filter(({ method }) => method === 'GET').length, 1);
  });

  it('says so over HTTP+SSE, and begins another session for the next call', async () => {
    let stream: ServerResponse | undefined;
    const server = await here.serve((request, response) => {
      if (request.method === 'GET') {
        stream = response;
        return response.writeHead(200, events).write('event: endpoint\ndata: /messages\n\n') || true;
      }
      if (request.path !== '/messages') return response.writeHead(405).end();
      response.writeHead(202).end();
      const answered = JSON.stringify({
        jsonrpc: '2.0',
        id: request.message?.['id'],
        result: plainResult(String(request.message?.['method'])),
      });
      if (request.message?.['id'] !== undefined) {
        stream?.write(`data: ${isCall(request) ? long : answered}\n\n`);
      }
      return true;
    });
    const client = await here.connect(server, ['--transport', 'sse-only']);
    await client.begin();
    const answer = await client.call('tools/call', { name: 'x' });
    assertWellFormed(answer, answer['id']);
    assert.match(saying(answer), /more than 32 MB/);
    assert.ok((await client.call('ping'))['result']);
  });

  for (const [what, headers, begin, end] of [
    ['a body', json, '', ''],
    ['an event', events, 'data: ', '\n\n'],
  ] as const) {
    it(`passes on ${what} that is a little shorter`, async () => {
      const server = await here.serve(
        toCalls((response, request) => {
          response.writeHead(200, headers).end(begin + result(31 * mega).replace('$id', idOf(request)) + end);
        }),
      );
      const client = await here.connect(server);
      await client.begin();
      const { result: given } = await client.call('tools/call', { name: 'x' });
      assert.equal((given as { text: string }).text.length, 31 * mega);
    });
  }

  for (const [what, line] of [
    ['first', `{"jsonrpc":"2.0","id":"first","method":"tools/call","params":{"a":"${long}"}}`],
    ['last', `{"method":"tools/call","params":{"a":"${long}"},"jsonrpc":"2.0","id":"last"}`],
    [null, long],
  ] as const) {
    it(`says so of a message that the client sends, with its id (${String(what)}), and goes on`, async () => {
      const client = await here.connect(await here.serve());
      await client.begin();
      client.send(line);
      const answer = await client.answer(what);
      assertWellFormed(answer, what);
      assert.match(saying(answer), /more than 32 MB/);
      assert.ok((await client.call('ping'))['result']);
    });
  }
});

describeNeeds(['Linux'], '[T13] omnispindle connect, where one end does not read,', () => {
  const here = useOddServers();

  it('slows down a server that sends events', async () => {
    const event = `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${'x'.repeat(100_000)}"}}\n\n`;
    const written = Promise.withResolvers<number>();
    const total = 3_000;
    const server = await here.serve(
      toCalls((response, request) => {
        response.writeHead(200, events);
        void writeUntilFull(response, event, total).then(async bytes => {
          written.resolve(bytes);
          const left = total - bytes / event.length;
          for (let times = 0; times < left; times++) {
            if (!response.write(event)) await once(response, 'drain');
          }
          response.end(`data: {"jsonrpc":"2.0","id":${idOf(request)},"result":{}}\n\n`);
        });
      }),
    );
    const client = await here.connect(server);
    await client.begin();
    client.stdout.pause();
    const answer = client.call('tools/call', { name: 'x' });
    const bytes = await written.promise;
    assert.ok(bytes < 50 * mega, `${String(bytes / mega)} MB were taken`);
    assert.ok(peak(client) < 250, `${String(peak(client))} MB`);
    client.stdout.resume();
    assert.ok((await answer)['result']);
    assert.equal(client.messages.filter(({ method }) => method === 'notifications/message').length, total);
  });

  it('holds few of many long answers at once, and passes all of them on in the end', async () => {
    const calls = 40;
    const body = 'x'.repeat(8 * mega);
    const server = await here.serve(
      toCalls((response, request) => {
        response
          .writeHead(200, json)
          .end(`{"jsonrpc":"2.0","id":${idOf(request)},"result":{"text":"${body}"}}`);
      }),
    );
    const client = await here.connect(server);
    await client.begin();
    client.stdout.pause();
    const answers = Array.from({ length: calls }, () => client.call('tools/call', { name: 'x' }));
    while (server.requests.filter(isCall).length < calls) await delay(50);
    await delay(2_000);
    assert.ok(peak(client) < 400, `${String(peak(client))} MB`);
    client.stdout.resume();
    for (const answer of await Promise.all(answers)) assert.ok(answer['result']);
    assert.ok(peak(client) < 500, `${String(peak(client))} MB`);
  });

  it('slows down a client where the server does not read, and passes all on in the end', async () => {
    const go = Promise.withResolvers<undefined>();
    const readLate = async (request: IncomingMessage) => {
      if (Number(request.headers['content-length']) > mega) await go.promise;
      return text(request);
    };
    const server = await here.serve(() => undefined, readLate);
    const client = await here.connect(server);
    await client.begin();
    const call = (id: number) =>
      `{"jsonrpc":"2.0","id":${String(id)},"method":"tools/call","params":{"a":"${'x'.repeat(2 * mega)}"}}\n`;
    let sent = 0;
    for (const first = 1_000; sent < 200; sent++) {
      if (client.stdin.write(call(first + sent))) continue;
      if (await Promise.race([once(client.stdin, 'drain').then(() => false), delay(2_000, true)])) break;
    }
    assert.ok(sent < 100, `${String(sent * 2)} MB were taken`);
    assert.ok(peak(client) < 500, `${String(peak(client))} MB`);
    go.resolve(undefined);
    for (let id = 1_000; id < 1_000 + sent; id++) assert.ok((await client.answer(id))['result']);
  });

  it('sees that a client has gone while it must wait', async () => {
    const server = await here.serve(
      () => undefined,
      request =>
        Number(request.headers['content-length']) > mega ? new Promise(() => undefined) : text(request),
    );
    const client = await here.connect(server);
    await client.begin();
    for (let times = 0; times < 40; times++) {
      client.send({
        jsonrpc: '2.0',
        id: `c${String(times)}`,
        method: 'tools/call',
        params: { a: 'x'.repeat(2 * mega) },
      });
    }
    while (peak(client) < 120) await delay(50);
    client.stdin.destroy();
    await once(client.stdout, 'close');
  });
});

describe('[T13] omnispindle connect, where a stream is silent,', () => {
  const here = useInnerClients();

  it('waits for its answer, however often the stream says that it is still there', async () => {
    const server = await here.serve(
      toCalls((response, request) => {
        response.writeHead(200, events);
        let left = 30;
        const timer = setInterval(() => {
          if (left-- > 0) {
            response.write(': still there\n\n');
          } else {
            clearInterval(timer);
            response.end(`data: {"jsonrpc":"2.0","id":${idOf(request)},"result":{}}\n\n`);
          }
        }, 100);
      }),
    );
    const client = here.connect(server);
    await client.begin();
    assert.ok((await client.call('tools/call', { name: 'x' }))['result']);
  });

  it('reads on after each break of a stream that brings something each time', async () => {
    let connections = 0;
    const server = await here.serve((request, response) => {
      if (request.method !== 'GET' && !isCall(request)) return undefined;
      connections++;
      const id = idOf(server.requests.find(isCall) ?? request);
      const last = `data: {"jsonrpc":"2.0","id":${id},"result":{}}\n\n`;
      response
        .writeHead(200, events)
        .end(connections < 9 ? `retry: 0\nid: é${String(connections)}\ndata:\n\n` : last);
      return true;
    });
    const client = here.connect(server);
    await client.call('initialize');
    assert.ok((await client.call('tools/call', { name: 'x' }))['result']);
    const ids = server.requests.map(({ headers }) =>
      Buffer.from(String(headers['last-event-id']), 'latin1').toString(),
    );
    assert.ok(ids.includes('é8'));
  });

  it('answers other calls while one waits', async () => {
    const server = await here.serve((request, response) => {
      if (!isCall(request)) return undefined;
      if (request.message?.['id'] === 2) response.writeHead(200, events).flushHeaders();
      else answerWith(response, request.message?.['id'], {});
      return true;
    });
    const client = here.connect(server);
    await client.begin();
    void client.call('tools/call').catch(() => undefined);
    assert.ok((await client.call('tools/call'))['result']);
  });
});
