import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import type { LineClient } from './lineClient.ts';
import { events, json, plainResult, type OddAnswer, type OddRequest } from './oddServer.ts';
import type { RawClient } from './rawClient.ts';
import { assertWellFormed, saying, useInnerClients, useOddServers, useOddSession } from './useOddServer.ts';

/** Nested so deep that what works by recursion breaks. */
const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

type Shape = (id: string) => string;

/** What a server may answer to a call, by the call's id; and what is wrong with it. */
const shapes: Record<string, Shape> = {
  'no result': id => `{"jsonrpc":"2.0","id":${id}}`,
  'a result of null': id => `{"jsonrpc":"2.0","id":${id},"result":null}`,
  'a list as result': id => `{"jsonrpc":"2.0","id":${id},"result":[]}`,
  'words as result': id => `{"jsonrpc":"2.0","id":${id},"result":"done"}`,
  'a list of no tools': id =>
    `{"jsonrpc":"2.0","id":${id},"result":{"tools":[null,1,[],"echo",{"name":{"toString":1}}]}}`,
  'no list of tools': id => `{"jsonrpc":"2.0","id":${id},"result":{"tools":{"length":1}}}`,
  'nesting without end': id => `{"jsonrpc":"2.0","id":${id},"result":{"tools":${nested}}}`,
  'nesting without end over several lines': id =>
    `{"jsonrpc":"2.0",\r\n"id":${id},\n"result":{"tools":${nested}}}`,
  'nesting without end in a batch': id => `[{"jsonrpc":"2.0","id":${id},"result":{"tools":${nested}}}]`,
  'nesting without end in an error': id =>
    `{"jsonrpc":"2.0","id":${id},"error":{"code":1,"message":"deep","data":${nested}}}`,
  'an error of words': id => `{"jsonrpc":"2.0","id":${id},"error":"text"}`,
  'an error of null': id => `{"jsonrpc":"2.0","id":${id},"error":null}`,
  'an error of a number': id => `{"jsonrpc":"2.0","id":${id},"error":42}`,
  'an error without a code': id => `{"jsonrpc":"2.0","id":${id},"error":{"message":"no"}}`,
  'an error with a code of words': id => `{"jsonrpc":"2.0","id":${id},"error":{"code":"E","message":"no"}}`,
  'an error without words': id => `{"jsonrpc":"2.0","id":${id},"error":{"code":-32603}}`,
  'an error nested without end': id => `{"jsonrpc":"2.0","id":${id},"error":${nested}}`,
  'a result and an error': id => `{"jsonrpc":"2.0","id":${id},"result":{},"error":{"code":1,"message":"no"}}`,
  'a result beside an error of null': id => `{"jsonrpc":"2.0","id":${id},"result":{},"error":null}`,
  'a method of a number': id => `{"jsonrpc":"2.0","id":${id},"method":7,"result":{}}`,
  'a method of null': id => `{"jsonrpc":"2.0","id":${id},"method":null,"params":null,"result":{}}`,
  'no version': id => `{"id":${id},"result":{}}`,
  'another version': id => `{"jsonrpc":1,"id":${id},"result":{}}`,
  'its id as words': id => `{"jsonrpc":"2.0","id":"${id}","result":{}}`,
  'no id': () => `{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"}}`,
  'an id of null': () => `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}`,
  'an object as id': id => `{"jsonrpc":"2.0","id":{"id":${id}},"result":{}}`,
  'true as id': () => `{"jsonrpc":"2.0","id":true,"result":{}}`,
  'a batch of anything': id =>
    `[null,1,[],{},"x",{"jsonrpc":"2.0","id":${id},"result":{}},{"method":1},{"method":"x","params":null}]`,
  'two answers': id =>
    `[{"jsonrpc":"2.0","id":${id},"result":{"first":1}},{"jsonrpc":"2.0","id":${id},"result":{}}]`,
  'keys of prototypes': id =>
    `{"jsonrpc":"2.0","id":${id},"__proto__":{"method":"x"},"constructor":1,"result":{"__proto__":null,"toString":1}}`,
  'an answer to another call first': id =>
    `[{"jsonrpc":"2.0","id":"other","result":{}},{"jsonrpc":"2.0","id":0,"result":{}},{"jsonrpc":"2.0","id":${id},"result":{}}]`,
};

const isCall = ({ message }: OddRequest, method = 'tools/list') => message?.['method'] === method;
const idOf = ({ message }: OddRequest) => JSON.stringify(message?.['id']);
const asEvent = (text: string) =>
  text
    .split(/\r\n|\n/)
    .map(line => `data: ${line}\n`)
    .join('') + '\n';

/** Ways to answer a call with that text. */
const ways: Record<string, (response: ServerResponse, text: string) => unknown> = {
  'as JSON': (response, text) => response.writeHead(200, json).end(text),
  'as an event': (response, text) => response.writeHead(200, events).end(asEvent(text)),
  'as an event of a stream that stays open': (response, text) =>
    response.writeHead(200, events).write(asEvent(text)),
};

/** A server of HTTP+SSE, whose one stream carries what `answer` makes of a call. */
function legacyAnswers(answer: (request: OddRequest) => string): OddAnswer {
  let stream: ServerResponse | undefined;
  return (request, response) => {
    if (request.method === 'GET') {
      stream = response;
      response.writeHead(200, events).write('event: endpoint\ndata: /messages\n\n');
      return true;
    }
    if (request.path !== '/messages') return response.writeHead(405).end();
    response.writeHead(202).end();
    if (request.message?.['id'] !== undefined) stream?.write(asEvent(answer(request)));
    return true;
  };
}

/** Calls, and sees that the one answer is one; then that the next call is answered, too. */
async function callsGetOneAnswer(client: LineClient, method = 'tools/list'): Promise<void> {
  for (const each of [method, 'ping']) {
    const answer = await client.call(each);
    assertWellFormed(answer, answer['id']);
    const all = client.messages.filter(message => message['id'] === answer['id'] && !('method' in message));
    assert.equal(all.length, 1);
  }
}

for (const [way, answer] of Object.entries(ways)) {
  describe(`[T13] omnispindle connect answers each call once, and rightly, where the server answers ${way} with`, () => {
    const begin = useOddSession(way === 'as JSON' ? ['--ignore-tool', 'hidden*'] : []);

    for (const [what, shape] of Object.entries(shapes)) {
      it(what, async () => {
        const { server, client } = await begin();
        server.answer = (request, response) => {
          if (!isCall(request)) return undefined;
          answer(response, shape(idOf(request)));
          return true;
        };
        await callsGetOneAnswer(client);
        assert.doesNotMatch(client.stderr(), /^\s+at /m);
      });
    }
  });
}

describe('[T13] omnispindle connect answers each call once, and rightly, where the server answers with', () => {
  const here = useOddServers();

  it('anything of these over HTTP+SSE', async () => {
    let shape: Shape | undefined;
    const server = await here.serve(
      legacyAnswers(request =>
        isCall(request) && shape
          ? shape(idOf(request))
          : JSON.stringify({
              jsonrpc: '2.0',
              id: request.message?.['id'],
              result: plainResult(String(request.message?.['method'])),
            }),
      ),
    );
    const client = await here.connect(server, ['--transport', 'sse-only', '--ignore-tool', 'hidden*']);
    await client.begin();
    for (shape of Object.values(shapes)) await callsGetOneAnswer(client);
  });
});

describe('[T13] omnispindle connect, where the server begins oddly,', () => {
  const here = useInnerClients();

  for (const [what, shape] of Object.entries(shapes)) {
    it(`answers initialize: ${what}`, async () => {
      const server = await here.serve((request, response) => {
        if (!isCall(request, 'initialize')) return undefined;
        response.writeHead(200, json).end(shape(idOf(request)));
        return true;
      });
      const client = here.connect(server);
      assertWellFormed(await client.begin(), 1);
      await callsGetOneAnswer(client);
    });
  }

  it('sends no version that no header can carry', async () => {
    const server = await here.serve((request, response) => {
      if (!isCall(request, 'initialize')) return undefined;
      const result = { ...plainResult('initialize'), protocolVersion: '1\r\nX-Evil: 1' };
      response
        .writeHead(200, json)
        .end(JSON.stringify({ jsonrpc: '2.0', id: request.message?.['id'], result }));
      return true;
    });
    const client = here.connect(server);
    await client.begin();
    assert.ok((await client.call('tools/list'))['result']);
  });
});

describe('[T13] omnispindle connect answers a call at once where the server', () => {
  const begin = useOddSession(['--ignore-tool', 'hidden*']);

  /** A client whose calls of `tools/list` are answered that way. */
  async function answering(answer: (response: ServerResponse, id: string) => unknown): Promise<RawClient> {
    const { server, client } = await begin();
    server.answer = (request, response) => {
      if (!isCall(request)) return undefined;
      answer(response, idOf(request));
      return true;
    };
    return client;
  }

  for (const [what, answer, says] of [
    ['takes it and says no more', r => r.writeHead(202).end(), /lost before the answer came/],
    [
      'changes to another protocol',
      r => r.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      /lost before the answer came/,
    ],
    ['refuses with words', r => r.writeHead(500, json).end('{"error":"Out of wool"}'), /500.*Out of wool/],
    [
      'refuses with an object',
      r => r.writeHead(502, json).end('{"error":{"reason":"upstream"}}'),
      /502.*upstream/,
    ],
    [
      'refuses with a detail',
      r => r.writeHead(400, json).end('{"detail":"Bad\\u001b[31m"}'),
      /400.*Bad \[31m/,
    ],
    ['refuses with null', r => r.writeHead(400, json).end('{"error":null}'), /status 400/],
    [
      'refuses with nesting without end',
      r => r.writeHead(400, json).end(`{"error":${nested}}`),
      /status 400/,
    ],
    ['refuses without an end', r => r.writeHead(500).write('x'.repeat(1_000_000)), /status 500/],
    [
      'redirects without an end',
      r => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).write('x'.repeat(1_000_000)),
      /redirects to/,
    ],
    [
      'sends a head without an end',
      r => r.socket?.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1_000_000)}\r\n\r\n`),
      /./,
    ],
  ] as [string, (response: ServerResponse) => unknown, RegExp][]) {
    it(what, async () => {
      const client = await answering(answer);
      const said = await client.call('tools/list');
      assertWellFormed(said, said['id']);
      assert.match(saying(said), says);
      await callsGetOneAnswer(client, 'ping');
    });
  }

  it('answers every call of a batch by itself', async () => {
    const client = await answering((response, id) =>
      response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${id},"result":{}}`),
    );
    const request = (id: number) => `{"jsonrpc":"2.0","id":${String(id)},"method":"tools/list"}`;
    client.send(`[null,${request(101)},5,${request(102)}]`);
    for (const id of [101, 102]) assertWellFormed(await client.answer(id), id);
  });

  for (const [what, line, id] of [
    ['no JSON', '{"jsonrpc":', null],
    ['nothing in it', 'null', null],
    ['a method of a number', '{"jsonrpc":"2.0","id":"m","method":5}', 'm'],
    ['an object as id', '{"jsonrpc":"2.0","id":{},"method":"ping"}', null],
    ['true as id', '{"jsonrpc":"2.0","id":true,"method":"ping"}', null],
    ['no params to speak of', '{"jsonrpc":"2.0","id":"p","method":"tools/call","params":null}', 'p'],
    ['words as params', '{"jsonrpc":"2.0","id":"w","method":"tools/call","params":"x"}', 'w'],
    [
      'a name without words',
      '{"jsonrpc":"2.0","id":"n","method":"tools/call","params":{"name":{"toString":1}}}',
      'n',
    ],
    [
      'an address without words',
      '{"jsonrpc":"2.0","id":"u","method":"resources/subscribe","params":{"uri":{"toString":1}}}',
      'u',
    ],
    ['nesting without end', `{"jsonrpc":"2.0","id":"d","method":"x","params":{"a":${nested}}}`, 'd'],
    ['_meta of null', '{"jsonrpc":"2.0","id":"t","method":"ping","params":{"_meta":null}}', 't'],
  ] as const) {
    it(`gets from the client a message with ${what}`, async () => {
      const { client } = await begin();
      client.send(line);
      assertWellFormed(await client.answer(id), id);
      // An answer that no request was for, and a cancellation of nothing, get none.
      client.send('{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}');
      client.send('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}');
      await callsGetOneAnswer(client, 'ping');
      assert.doesNotMatch(client.stderr(), /^\s+at /m);
    });
  }
});

describe('[T13] omnispindle connect, whatever JSON a server answers,', () => {
  const here = useOddServers();

  const anything = fc.jsonValue({ maxDepth: 3 });
  const rarely = (usual: unknown) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: anything });
  /** A message in which anything may be anything; `$id` stands for the id of the call. */
  const message = fc.record(
    {
      jsonrpc: rarely('2.0'),
      id: fc.oneof(fc.constant('$id'), fc.constant('$id'), anything),
      method: anything,
      params: anything,
      result: fc.oneof(fc.constant({ tools: [null] }), fc.constant({}), anything),
      error: fc.oneof(fc.constant({ code: -1, message: 'No.' }), anything),
    },
    { requiredKeys: [] },
  );
  const answer = fc.record({
    content: fc.oneof({ weight: 5, arbitrary: message }, fc.array(message, { maxLength: 4 }), anything),
    way: fc.constantFrom(...Object.keys(ways).filter(way => !way.includes('stays open'))),
    status: fc.constantFrom(200, 200, 200, 202, 400, 404, 500),
    method: fc.constantFrom('tools/list', 'tools/call', 'x'),
  });

  it('gives each call one answer, and goes on', async () => {
    let given: { text: string; way: string; status: number; method: string } | undefined;
    const server = await here.serve((request, response) => {
      if (!given || !isCall(request, given.method)) return undefined;
      const { text, way, status } = given;
      const filled = text.replaceAll('"$id"', idOf(request));
      if (status === 200) ways[way]?.(response, filled);
      else response.writeHead(status, json).end(filled);
      return true;
    });
    const client = await here.connect(server, ['--ignore-tool', 'hidden*']);
    await client.begin();
    await fc.assert(
      fc.asyncProperty(answer, async ({ content, ...more }) => {
        given = { text: JSON.stringify(content), ...more };
        await callsGetOneAnswer(client, more.method);
      }),
      { numRuns: 300 },
    );
    client.stdin.end();
    await once(client.stdout, 'close');
    assert.doesNotMatch(client.stderr(), /^\s+at /m);
  });
});
