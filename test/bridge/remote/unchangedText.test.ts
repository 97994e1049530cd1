import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { events, json, type OddServer } from './oddServer.ts';
import type { RawClient } from './rawClient.ts';
import { useOddServers } from './useOddServer.ts';

/** Text that another program could not write the same after it has parsed it. */
const odd = [
  '9007199254740993',
  '-9223372036854775808',
  '123456789012345678901234567890',
  '1.10',
  '1e400',
  '-0',
  '0.1000000000000000055511151231257827',
  '"\\u2028\\u2029\\ud800\\/\\u0041"',
  '"\u2028\u2029\u0085\u00a0\ufeff"',
  '{"2":1,"1":2,"":3,"__proto__":4,"\\u0061":5}',
  '{"a":1,"a":2}',
  '" \\" ] } , \\\\"',
  '[ ]',
  '{ }',
];

const blank = fc.constantFrom('', ' ', '\t', '  ');
const { value: anyText } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...odd),
    fc.json(),
    fc.string({ unit: 'binary' }).map(each => JSON.stringify(each)),
    fc.array(tie('value')).map(parts => `[${parts.join(' , ')}]`),
    fc
      .array(fc.tuple(blank, fc.string(), blank, tie('value'), blank))
      .map(
        parts =>
          `{${parts.map(([a, name, b, value, c]) => `${a}${JSON.stringify(name)}${b}:${value}${c}`).join()}}`,
      ),
  ),
}));

const event = (data: string) => `data: ${data}\n\n`;

/** Ways to answer the call of that id with a result of that text; the line that must come of it. */
const ways: Record<string, (response: ServerResponse, id: string, result: string) => string> = {
  JSON(response, id, result) {
    const line = `{"result":${result} ,"id":${id},"jsonrpc":"2.0"}`;
    response.writeHead(200, json).end(`\ufeff${line}`);
    return line;
  },
  'an event'(response, id, result) {
    const line = `{ "jsonrpc":"2.0","id":${id},"result":${result}}`;
    response.writeHead(200, events).end(`\ufeffevent: message\n${event(line)}`);
    return line;
  },
  'an event that begins with a byte order mark'(response, id, result) {
    const line = `{"jsonrpc":"2.0","id":${id},"more":${result},"result":{}}`;
    response.writeHead(200, events).end(event(`\ufeff${line}`));
    return line;
  },
  'a batch'(response, id, result) {
    const line = `{"jsonrpc":"2.0","id":${id},"result":${result} }`;
    const note = `{"jsonrpc":"2.0","method":"notifications/message","params":${result}}`;
    response.writeHead(200, json).end(`[ ${note},\n ${line} ]\n`);
    return line;
  },
  'an answer under an id of words'(response, id, result) {
    response.writeHead(200, json).end(`{"jsonrpc":"2.0","result":${result},"id":"${id}"}`);
    return `{"jsonrpc":"2.0","result":${result},"id":${id}}`;
  },
  'an answer without a version'(response, id, result) {
    response.writeHead(200, json).end(`{"id":${id},"result":${result}}`);
    return `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
  },
};

describe('[W8] omnispindle connect passes on, letter by letter,', () => {
  const here = useOddServers();
  let bodies: string[] = [];

  beforeEach(() => {
    bodies = [];
  });

  const serve = (answer: (body: string, response: ServerResponse) => boolean): Promise<OddServer> =>
    here.serve(
      (_request, response) => {
        const body = bodies.at(-1) ?? '';
        return /"method":"(?:tools|x)\//.test(body) ? answer(body, response) : undefined;
      },
      async request => {
        const body = await textOf(request);
        bodies.push(body);
        return body;
      },
    );

  /** The one line of an answer to that id. */
  function lineOf(client: RawClient, id: number): string | undefined {
    return client.lines[client.messages.findIndex(message => message['id'] === id)];
  }

  for (const [what, answer] of Object.entries(ways)) {
    it(`what the client says, and what the server answers by ${what}`, async () => {
      let result = '{}';
      let expected = '';
      let id = 100;
      const server = await serve((_body, response) => {
        expected = answer(response, String(id), result);
        return true;
      });
      const client = await here.connect(server);
      await client.begin();
      await fc.assert(
        fc.asyncProperty(anyText, async value => {
          result = `{"x":${value}}`;
          const line = `{"params":{ "x":${value}},"method":"x/y","jsonrpc":"2.0","id":${String(++id)}}`;
          client.send(`\ufeff${line}\r`);
          await client.answer(id);
          assert.equal(bodies.at(-1)?.trimEnd(), line);
          assert.equal(lineOf(client, id), expected);
          if (what === 'a batch') {
            const note = client.lines.findLast(each => each.includes('notifications/message'));
            assert.equal(note, `{"jsonrpc":"2.0","method":"notifications/message","params":${result}}`);
          }
        }),
        { numRuns: 40 },
      );
    });
  }

  it('a list of tools but for the hidden ones', async () => {
    let tools: string[] = [];
    let id = 100;
    const server = await serve((_body, response) => {
      const result = `{"n":9007199254740993, "tools" : [ ${tools.join(' , ')} ],"z":[]}`;
      response.writeHead(200, json).end(`{"result":${result},"jsonrpc":"2.0","id":${String(id)}}`);
      return true;
    });
    const client = await here.connect(server, ['--ignore-tool', 'hidden*']);
    await client.begin();
    const names = fc.constantFrom('one', 'hidden', 'hidden_two', 'three');
    const tool = fc
      .tuple(names, anyText)
      .map(([name, value]) => `{"a":${value},"name":"${name}","1":1,"0":0}`);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(tool, anyText)), async given => {
        tools = given;
        client.send({ jsonrpc: '2.0', id: ++id, method: 'tools/list' });
        await client.answer(id);
        const shown = given.filter(each => !/^\{"a":.*"name":"hidden\w*","1":1,"0":0\}$/s.test(each));
        const written = shown.length < given.length ? shown.join() : ` ${given.join(' , ')} `;
        const result = `{"n":9007199254740993, "tools" : [${written}],"z":[]}`;
        assert.equal(lineOf(client, id), `{"result":${result},"jsonrpc":"2.0","id":${String(id)}}`);
      }),
      { numRuns: 60 },
    );
  });

  it('2,000 tools, and results and arguments of 16 MB', async () => {
    const big = `{"text":"${'\\n\u2028ab'.repeat(2_500_000)}","n":9007199254740993}`;
    const list = Array.from({ length: 2_000 }, (_, at) => `{"name":"t${String(at)}","n":1.0}`).join();
    const server = await serve((body, response) => {
      const result = body.includes('tools/list') ? `{"tools":[${list}]}` : big;
      const [, id = ''] = /"id":(\d+)/.exec(body) ?? [];
      const line = `{"jsonrpc":"2.0","id":${id},"result":${result}}`;
      response.writeHead(200, events).end(event(line));
      return true;
    });
    const client = await here.connect(server, ['--ignore-tool', 'u*']);
    await client.begin();
    client.send('{"jsonrpc":"2.0","id":100,"method":"tools/list"}');
    const call = `{"jsonrpc":"2.0","id":101,"method":"tools/call","params":${big}}`;
    client.send(call);
    await Promise.all([client.answer(100), client.answer(101)]);
    assert.equal(lineOf(client, 100), `{"jsonrpc":"2.0","id":100,"result":{"tools":[${list}]}}`);
    assert.ok(lineOf(client, 101) === `{"jsonrpc":"2.0","id":101,"result":${big}}`);
    assert.ok(bodies.includes(call));
  });

  it('each member of a batch, which revision 2025-06-18 removed; what is none is answered as such', async () => {
    const server = await serve((body, response) => {
      const [, id = ''] = /"id":(\w+)/.exec(body) ?? [];
      response.writeHead(200, json).end(`[{"jsonrpc":"2.0","id":${id},"result":{"of":${id}}}]`);
      return true;
    });
    const client = await here.connect(server);
    await client.begin();
    const members = [
      '{"jsonrpc":"2.0","id":100,"method":"tools/x","params":{"n":9007199254740993,"2":1,"1":1}}',
      '{"jsonrpc":"2.0","method":"notifications/x","params":{"n":9007199254740993}}',
      '{ "jsonrpc":"2.0" ,"id":101,"method":"tools/y"}',
    ];
    client.send(`[ ${members[0] ?? ''},1 ,${members[1] ?? ''}, [{}],\t${members[2] ?? ''}]`);
    await Promise.all([client.answer(100), client.answer(101)]);
    client.send('[]');
    client.send('7');
    const refusals = () => client.messages.filter(message => message['id'] === null);
    await client.until(() => refusals().length === 4);
    for (const { error } of refusals()) {
      assert.deepEqual(error, { code: -32_600, message: 'Invalid Request' });
    }
    assert.equal(lineOf(client, 101), '{"jsonrpc":"2.0","id":101,"result":{"of":101}}');
    assert.deepEqual(bodies.filter(body => /\/[xy]"/.test(body)).sort(), members.toSorted());
  });

  it('ids above 2^53, also where two differ in their last digit only, and in errors of its own', async () => {
    const ids = ['9007199254740992', '9007199254740993', '-18446744073709551615'];
    const waiting = new Map<string, ServerResponse>();
    let gone = '';
    const server = await serve((body, response) => {
      const [, id = ''] = /"id":(-?\d+)/.exec(body) ?? [];
      waiting.set(id, response);
      response.once('close', () => {
        if (!response.writableEnded) gone = id;
      });
      if (waiting.size < ids.length) return true;
      for (const each of [...waiting.keys()].toReversed().slice(1)) {
        waiting.get(each)?.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${each},"result":{"id":${each}}}`);
      }
      return true;
    });
    const client = await here.connect(server, ['--ignore-tool', 'hidden']);
    await client.begin();
    for (const id of ids) client.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call"}`);
    await client.until(() => client.lines.length === 3);
    const [last = ''] = [...waiting.keys()].slice(-1);
    const cancelled = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${last}}}`;
    client.send(cancelled);
    client.send('{"jsonrpc":"2.0","id":9007199254740995,"method":"tools/call","params":{"name":"hidden"}}');
    await client.until(() => client.lines.length === 4);
    await client.call('ping');
    assert.ok(bodies.includes(cancelled));
    assert.equal(gone, last);
    assert.match(client.lines[3] ?? '', /^\{"jsonrpc":"2\.0","id":9007199254740995,"error":/);
    for (const id of ids.filter(each => each !== last)) {
      assert.ok(client.lines.includes(`{"jsonrpc":"2.0","id":${id},"result":{"id":${id}}}`));
    }
  });
});
