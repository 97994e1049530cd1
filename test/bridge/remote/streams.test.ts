import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { seen, steps } from './features.ts';
import { answering, text, until, useSurroundings, type Connected } from './fixtures.ts';
import { legacySessions, streamableSessions } from './sessions.ts';

const html = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };
const events = { 'content-type': 'text/event-stream' };

/** Answers that much, and breaks the connection off. */
function breakOff(response: ServerResponse, begin: string): void {
  response.write(begin, () => response.destroy());
}

for (const [name, createSessions] of [
  ['Streamable HTTP', streamableSessions],
  ['HTTP+SSE', legacySessions],
] as const) {
  describe(`omnispindle connect over ${name}, where the server restarts,`, () => {
    const here = useSurroundings(createSessions);

    it('goes on in a new session, with all that the client said', async () => {
      const connected = await here.connect();
      const { client } = connected;
      await client.setLoggingLevel('error');
      for (const uri of ['file:///wool', 'file:///silk']) await client.subscribeResource({ uri });
      await client.unsubscribeResource({ uri: 'file:///silk' });
      seen.subscribed = [];
      await here.remote.stop();
      await here.remote.startAgain();
      assert.match((await text(connected, 'features')) ?? '', /"action":"decline","roots":1/);
      await text(connected, 'log');
      // It comes by the server's own stream, the answer by that of the call.
      await until(() => connected.heard.includes('an error'));
      assert.deepEqual(connected.heard, ['hello', 'an error']);
      assert.deepEqual(seen.subscribed, ['file:///wool']);
    });

    it('says that an answer is lost, and not more than that', async () => {
      const connected = await here.connect();
      const called = text(connected, 'steps', { times: 2 });
      await until(() => connected.heard.includes('step 1'));
      const lost = assert.rejects(called, ({ message }: Error) =>
        /The connection to http\S+ was lost before the answer came\. Try again\.$/.test(message),
      );
      await here.remote.stop();
      await here.remote.startAgain();
      await lost;
      assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    });

    it('waits while it is away', async () => {
      const connected = await here.connect([], { OMNISPINDLE_DEBUG: '1' });
      await text(connected, 'echo', { text: 'before' });
      await here.remote.stop();
      const called = text(connected, 'echo', { text: 'hi' });
      await until(() => /is away \(.*ECONNREFUSED/.test(connected.stderr()));
      const notYet = answering(2, 'POST', (_request, response) => response.writeHead(503).end());
      here.remote.intercept = notYet;
      await here.remote.startAgain();
      assert.equal(await called, 'hi');
    });
  });
}

describe('omnispindle connect, where the server forgets the session,', () => {
  const here = useSurroundings();

  const posts = () => here.remote.requests.filter(({ method }) => method === 'POST');
  const sessionsBegun = () => posts().filter(({ headers }) => !headers['mcp-session-id']).length;

  it('begins another one for all open calls together', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    here.remote.forget();
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    assert.deepEqual(await Promise.all(texts.map(each => text(connected, 'echo', { text: each }))), texts);
    assert.equal(sessionsBegun(), 2);
  });

  it('begins another one where it says so with status 400', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    here.remote.intercept = answering(1, 'POST', (_request, response) => {
      response.writeHead(400, json).end('{"error":"Bad Request: No valid session ID provided"}');
    });
    assert.equal(await text(connected, 'echo', { text: 'hi' }), 'hi');
    assert.equal(sessionsBegun(), 2);
  });

  it('lets no call fail because another one was cancelled', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    here.remote.forget();
    here.remote.intercept = ({ headers }, response) => {
      if (headers['mcp-session-id']) return false;
      response.writeHead(503).end();
      return true;
    };
    const stop = new AbortController();
    const cancelled = text(connected, 'echo', { text: 'one' }, { signal: stop.signal });
    await until(() => sessionsBegun() === 2);
    const other = text(connected, 'echo', { text: 'two' });
    stop.abort();
    await assert.rejects(cancelled);
    here.remote.intercept = undefined;
    assert.equal(await other, 'two');
  });

  it('renews the token for a call although the server’s own stream does not', async () => {
    const connected = await here.connect(['--ignore-tool', 'hidden_tool']);
    await text(connected, 'echo', { text: 'before' });
    const [old] = here.remote.requests.map(({ authorization }) => authorization);
    const held: (() => void)[] = [];
    here.remote.forget();
    here.remote.intercept = ({ headers }, response) => {
      if (headers['mcp-session-id'] || headers.authorization !== old) return false;
      held.push(() => response.writeHead(401).end());
      return true;
    };
    here.remote.drop();
    await until(() => held.length === 1);
    const called = text(connected, 'echo', { text: 'hi' });
    // Once this is answered, the call before it waits for the new session.
    await assert.rejects(text(connected, 'hidden_tool'), /turned off/);
    held[0]?.();
    await until(() => held.length === 2);
    held[1]?.();
    assert.equal(await called, 'hi');
  });
});

describe('omnispindle connect, where a stream breaks,', () => {
  const here = useSurroundings();

  const streams = () => here.remote.requests.filter(({ method }) => method === 'GET');

  it('reads on where it stopped, losing and doubling nothing', async () => {
    const connected = await here.connect();
    const called = text(connected, 'steps', { times: 4 });
    for (let step = 1; step <= 4; step++) {
      await until(() => connected.heard.includes(`step ${String(step)}`));
      here.remote.drop();
      // What comes while nobody reads is not lost either.
      steps.emit('go');
    }
    assert.equal(await called, 'arrived');
    assert.deepEqual(connected.heard, ['step 1', 'step 2', 'step 3', 'step 4']);
  });

  it('reopens the server’s own, however it ended', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    const ways: ((response: ServerResponse) => void)[] = [
      response => response.writeHead(500, html).end('<h1>Oops</h1>'),
      response => response.writeHead(200, events).end(),
      response => response.destroy(),
      response => {
        breakOff(response.writeHead(200, events), 'id: 1\ndata: {"jsonrpc":');
      },
    ];
    const left = [...ways];
    here.remote.intercept = answering(ways.length, 'GET', (_request, response) => left.shift()?.(response));
    here.remote.drop();
    const reopened = streams().length + ways.length + 1;
    await until(() => streams().length === reopened);
    here.remote.listChanged();
    await until(() => connected.heard.includes('changed'));
  });

  it('lets a call be cancelled while its stream is broken', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    const stop = new AbortController();
    const before = { ...seen };
    const called = text(connected, 'slow', { ms: 50_000 }, { signal: stop.signal });
    // Only a stream of which something came can be read on.
    await until(() => connected.heard.includes('begun'));
    await until(() => seen.begun === before.begun + 1);
    const away = answering(Infinity, 'GET', (_request, response) => response.writeHead(503).end());
    here.remote.intercept = away;
    here.remote.drop();
    const tried = streams().length + 4;
    await until(() => streams().length >= tried);
    stop.abort();
    await assert.rejects(called);
    await until(() => seen.cancelled === before.cancelled + 1);
    here.remote.intercept = undefined;
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
  });

  it('lets a call be cancelled that the server never got', async () => {
    const connected = await here.connect();
    await text(connected, 'echo', { text: 'before' });
    const away = answering(Infinity, 'POST', (_request, response) => response.writeHead(503).end());
    here.remote.intercept = away;
    const sent = here.remote.requests.length;
    const stop = new AbortController();
    const before = { ...seen };
    const called = text(connected, 'slow', { ms: 1 }, { signal: stop.signal });
    await until(() => here.remote.requests.length >= sent + 2);
    stop.abort();
    await assert.rejects(called);
    here.remote.intercept = undefined;
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
    assert.deepEqual(seen, before);
  });
});

describe('omnispindle connect, where the server ends a stream to be asked again,', () => {
  const retryInterval = 1_000;
  const here = useSurroundings(() => streamableSessions({ retryInterval }));

  it('asks when it was told to, and the call completes', async () => {
    const connected = await here.connect();
    const asked = () => here.remote.requests.some(({ headers }) => headers['last-event-id'] !== undefined);
    const called = text(connected, 'poll');
    await until(asked);
    // A timer may be a millisecond early.
    assert.ok(Date.now() - seen.polledFrom >= retryInterval - 5);
    steps.emit('go');
    assert.equal(await called, 'arrived');
    assert.doesNotMatch(connected.stderr(), /no message/);
  });
});

describe('omnispindle connect, where a stream breaks that cannot be resumed,', () => {
  const here = useSurroundings(() => streamableSessions({ resumable: false }));

  it('says so, and goes on', async () => {
    const connected = await here.connect();
    const called = text(connected, 'steps', { times: 2 });
    await until(() => connected.heard.includes('step 1'));
    here.remote.drop();
    await assert.rejects(called, /was lost before the answer came\. Try again/);
    assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
  });
});

describe('omnispindle connect, where the server answers nonsense,', () => {
  const here = useSurroundings();
  let connected: Connected;

  const noServer = /not an MCP server but another page/;
  const lost = /was lost before the answer came/;
  for (const [what, answer, saying] of [
    ['a page', r => r.writeHead(200, html).end('<h1>It works!</h1>'), noServer],
    ['a page said to be JSON', r => r.writeHead(200, json).end('<h1>It works!</h1>'), noServer],
    ['a page of an error', r => r.writeHead(500, html).end('<h1>Oops</h1>'), /answered with status 500/],
    ['nothing', r => r.writeHead(200, json).end(), noServer],
    ['JSON that is no message', r => r.writeHead(200, json).end('{"ok":true}'), noServer],
    ['an empty batch', r => r.writeHead(200, json).end('[]'), noServer],
    ['no object', r => r.writeHead(200, json).end('null'), noServer],
    [
      'half a message',
      r => {
        breakOff(r.writeHead(200, json), '{"jsonrpc"');
      },
      lost,
    ],
    ['no HTTP', r => r.socket?.end('\0\xff\r\n\r\n'), /could not be reached \(Parse Error/],
    ['an empty stream', r => r.writeHead(200, events).end(), lost],
    ['a stream of a page', r => r.writeHead(200, events).end('<h1>It works!</h1>\n\n'), lost],
    ['an event that is not JSON', r => r.writeHead(200, events).end('data: {"jsonrpc":\n\n'), lost],
    [
      'half an event',
      r => {
        breakOff(r.writeHead(200, events), 'data: {"json');
      },
      lost,
    ],
    ['an event of bytes', r => r.writeHead(200, events).end(Buffer.from('data: \xff\0\n\n', 'latin1')), lost],
  ] as [string, (response: ServerResponse) => unknown, RegExp][]) {
    it(`says so: ${what}`, async () => {
      connected = await here.connect();
      await text(connected, 'echo', { text: 'before' });
      here.remote.intercept = answering(1, 'POST', (_request, response) => {
        answer(response);
      });
      await assert.rejects(text(connected, 'echo', { text: 'hi' }, { timeout: 30_000 }), saying);
      assert.equal(await text(connected, 'echo', { text: 'on' }), 'on');
      assert.doesNotMatch(connected.stderr(), /^\s+at /m);
    });
  }
});
