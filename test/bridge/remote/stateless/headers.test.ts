import assert from 'node:assert/strict';
import { until } from '../fixtures.ts';
import type { Json } from '../rawClient.ts';
import type { ModernServer } from './modernServer.ts';
import { methods, request, useModernServers } from './useModernServers.ts';

const query = (id: unknown, region: unknown, deep?: Json) =>
  request(id, 'tools/call', { name: 'query', arguments: { region, ...(deep && { deep }) } });

const last = ({ requests }: ModernServer) => requests.at(-1)?.headers ?? {};

describe('[eras] omnispindle connect says in headers what is in the body:', () => {
  const here = useModernServers();

  it('the revision, the method and the name', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(request(1, 'resources/read', { uri: 'file:///größe' }));
    assert.ok((await client.answer(1))['result'], client.lines.join());
    assert.equal(last(server)['mcp-protocol-version'], '2026-07-28');
    assert.equal(last(server)['mcp-method'], 'resources/read');
    assert.equal(last(server)['mcp-name'], '=?base64?ZmlsZTovLy9ncsO2w59l?=');
  });

  it('what a tool wants there, in an encoding where it must be', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(request('list', 'tools/list'));
    await client.answer('list');
    const texts = ['us-west1', 'Hello, 世界', ' padded ', 'a\nb', '=?base64?literal?=', ''];
    for (const [at, text] of texts.entries()) {
      client.send(query(at, text, { level: at }));
      // The SDK's server refuses what its headers do not say.
      assert.ok((await client.answer(at))['result'], JSON.stringify(await client.answer(at)));
      assert.equal(last(server)['mcp-param-level'], String(at));
    }
    client.send(query('none', 'eu'));
    assert.ok((await client.answer('none'))['result']);
    assert.equal(last(server)['mcp-param-level'], undefined);
  });

  it('asks for the tools where the server misses a header, and sends the call once more', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(request('first', 'server/discover'));
    await client.answer('first');
    client.send(query(1, 'eu'));
    assert.ok((await client.answer(1))['result']);
    assert.deepEqual(methods(server), ['server/discover', 'tools/call', 'tools/list', 'tools/call']);
    client.send(query(2, 'us'));
    assert.ok((await client.answer(2))['result']);
    assert.equal(methods(server).length, 5);
  });

  for (const [how, answer] of Object.entries({
    'with status 400': 400,
    'with status 200': 200,
    'in a stream': 'text/event-stream',
  })) {
    it(`passes the server’s error on where the tools say nothing new: ${how}`, async () => {
      const server = await here.serve();
      server.answer = ({ message }, response) => {
        if (message?.['method'] !== 'tools/call') return undefined;
        const error = { code: -32_020, message: 'Header mismatch', data: { n: 1 } };
        const body = JSON.stringify({ jsonrpc: '2.0', id: message['id'], error });
        if (typeof answer === 'number') {
          response.writeHead(answer, { 'content-type': 'application/json' }).end(body);
        } else response.writeHead(200, { 'content-type': answer }).end(`data: ${body}\n\n`);
        return true;
      };
      const client = await here.startRaw(server);
      client.send(query(1, 'eu'));
      const { error } = await client.answer(1);
      assert.equal((error as Json)['code'], -32_020);
      assert.deepEqual((error as Json)['data'], { n: 1 });
      assert.equal(methods(server).filter(method => method === 'tools/call').length, 2);
    });
  }

  it('leaves a tool out that wants what no header can say, and says so once', async () => {
    const server = await here.serve();
    const wanting = (property: unknown) => ({ type: 'object', properties: { value: property } });
    const tools = {
      fine: wanting({ type: 'string', 'x-mcp-header': 'Fine' }),
      named: { type: 'object', properties: { 'x-mcp-header': { type: 'object' } } },
      data: wanting({ type: 'object', default: { 'x-mcp-header': 'data' } }),
      number: wanting({ type: 'number', 'x-mcp-header': 'N' }),
      list: wanting({ type: 'array', items: { type: 'string', 'x-mcp-header': 'N' } }),
      either: wanting({ anyOf: [{ type: 'string', 'x-mcp-header': 'N' }] }),
      'no token': wanting({ type: 'string', 'x-mcp-header': 'a b' }),
      empty: wanting({ type: 'string', 'x-mcp-header': '' }),
      'line end': wanting({ type: 'string', 'x-mcp-header': 'a\r\nb' }),
      root: { type: 'object', 'x-mcp-header': 'Root' },
      twice: {
        type: 'object',
        properties: {
          a: { type: 'string', 'x-mcp-header': 'Same' },
          b: { type: 'string', 'x-mcp-header': 'same' },
        },
      },
    };
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'tools/list') return undefined;
      const result = {
        resultType: 'complete',
        tools: Object.entries(tools).map(([name, inputSchema]) => ({ name, inputSchema })),
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: message['id'], result }));
      return true;
    };
    const client = await here.startRaw(server);
    for (const id of [1, 2]) {
      client.send(request(id, 'tools/list'));
      const { tools: shown } = (await client.answer(id))['result'] as { tools: Json[] };
      assert.deepEqual(
        shown.map(({ name }) => name),
        ['fine', 'named', 'data'],
      );
    }
    const said = () => client.stderr().match(/The tool "[^"]+" is left out/g) ?? [];
    await until(() => said().length > 0);
    assert.equal(said().length, 8);
  });
});
