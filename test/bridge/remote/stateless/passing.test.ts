import assert from 'node:assert/strict';
import { once } from 'node:events';
import { start } from '../../../terminal/fixtures.ts';
import { until } from '../fixtures.ts';
import { events, json } from '../oddServer.ts';
import type { Json } from '../rawClient.ts';
import { seen, steps } from './modernServer.ts';
import { methods, request, useModernServers } from './useModernServers.ts';

describe('[eras] omnispindle connect between a client and a server of 2026', () => {
  const here = useModernServers();

  it('passes calls and logging, with no session and nothing of its own', async () => {
    const server = await here.serve();
    const { client, heard } = await here.connect(server);
    const _meta = { 'io.modelcontextprotocol/logLevel': 'debug' as const };
    const { content } = await client.callTool({ name: 'news', arguments: {}, _meta });
    assert.deepEqual(content, [{ type: 'text', text: 'done' }]);
    assert.deepEqual(heard, ['hello']);
    await client.close();
    assert.deepEqual(methods(server), ['server/discover', 'tools/call']);
    for (const { headers } of server.requests) assert.equal(headers['mcp-session-id'], undefined);
  });

  it('passes progress', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(request(1, 'tools/call', { name: 'news', arguments: {}, _meta: { progressToken: 'p' } }));
    await client.answer(1);
    const progress = client.messages.flatMap(({ method, params }) =>
      method === 'notifications/progress' ? [params as Json] : [],
    );
    // What connect says by itself has words.
    const its = progress.filter(({ message }) => message === undefined);
    assert.deepEqual(
      its.map(each => each['progress']),
      [1, 2, 3],
    );
  });

  it('passes what a server asks for, and the answer', async () => {
    const server = await here.serve();
    const { client } = await here.connect(server);
    const { content } = await client.callTool({ name: 'ask', arguments: {} });
    assert.deepEqual(content, [{ type: 'text', text: 'Ann' }]);
    const [first, second] = server.requests.slice(-2).map(({ message }) => message?.['params'] as Json);
    assert.equal(first?.['requestState'], undefined);
    assert.equal(second?.['requestState'], 'opaque');
  });

  it('cancels by leaving the answer', async () => {
    const server = await here.serve();
    const { client } = await here.connect(server);
    const before = seen.cancelled;
    const stop = new AbortController();
    const call = client.callTool({ name: 'wait', arguments: {} }, { signal: stop.signal });
    await until(() => methods(server).includes('tools/call'));
    const cancelled = once(steps, 'cancelled');
    stop.abort();
    await assert.rejects(call);
    await cancelled;
    assert.equal(seen.cancelled, before + 1);
    assert.ok(!methods(server).includes('notifications/cancelled'));
  });

  it('passes each error of the server as it is', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    client.send(request(1, 'nothing/of/that/name'));
    assert.equal(((await client.answer(1))['error'] as Json)['code'], -32_601);
    const version = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2999-01-01' } };
    client.send(request(2, 'server/discover', version));
    const { code, data } = (await client.answer(2))['error'] as Json;
    assert.equal(code, -32_022);
    assert.deepEqual((data as Json)['supported'], ['2026-07-28']);
  });

  it('passes text letter by letter', async () => {
    const bodies = [
      '{"id":7,"jsonrpc":"2.0","result":{"2":9007199254740993,"1":1.10,"resultType":"complete"}}',
      '{ "jsonrpc":"2.0","id":7,"result":{"resultType":"complete" ,"n":1e400}}',
    ];
    for (const [at, body] of bodies.entries()) {
      const server = await here.serve();
      server.answer = ({ message }, response) => {
        if (message?.['method'] !== 'x/y') return undefined;
        if (at === 0) response.writeHead(200, json).end(body);
        else response.writeHead(200, events).end(`data: ${body}\n\n`);
        return true;
      };
      const client = await here.startRaw(server);
      client.send(request(1, 'server/discover'));
      client.send(request(7, 'x/y'));
      await client.answer(7);
      assert.ok(client.lines.includes(body), client.lines.join('\n'));
    }
  });

  it('adds the type of a result that has none', async () => {
    const server = await here.serve();
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'x/y') return undefined;
      const result = message['id'] === 1 ? '{}' : '{"n":9007199254740993}';
      response.writeHead(200, json).end(`{"jsonrpc":"2.0","id":${String(message['id'])},"result":${result}}`);
      return true;
    };
    const client = await here.startRaw(server);
    for (const id of [1, 2]) client.send(request(id, 'x/y'));
    await client.answer(1);
    await client.answer(2);
    assert.deepEqual(client.lines.sort(), [
      '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}',
      '{"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","n":9007199254740993}}',
    ]);
  });

  it('does not pass on what a server of that revision may not ask', async () => {
    const server = await here.serve();
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'x/y') return undefined;
      response.writeHead(200, events);
      response.write('data: {"jsonrpc":"2.0","id":"odd","method":"roots/list"}\n\n');
      response.end('data: {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}\n\n');
      return true;
    };
    const client = await here.startRaw(server);
    client.send(request(1, 'x/y'));
    await client.answer(1);
    assert.equal(client.messages.length, 1);
    assert.match(client.stderr(), /asks something within an answer/);
  });
});

describe('[W9] omnispindle connect, where a client of 2026 leaves everything out that comes before a call,', () => {
  const here = useModernServers();

  it('answers its first requests, all at once', async () => {
    const server = await here.serve();
    const client = await here.startRaw(server);
    for (const id of [1, 2, 3]) {
      client.send(request(id, 'tools/call', { name: 'echo', arguments: { text: String(id) } }));
    }
    for (const id of [1, 2, 3]) {
      const result = (await client.answer(id))['result'] as Json;
      assert.deepEqual(result['content'], [{ type: 'text', text: String(id) }]);
    }
    assert.ok(!methods(server).includes('initialize'));
    assert.equal(methods(server).filter(method => method === 'server/discover').length, 1);
  });

  it('answers them when its input ends at once', async () => {
    const server = await here.serve();
    const { tenant, directory } = here;
    const env = { AUTH0_TOKEN: await tenant.sign({}) };
    const started = start({ tenant, directory, env }, 'connect', server.url);
    const asked = [1, 2].map(id => JSON.stringify(request(id, 'tools/list')));
    const listen = JSON.stringify(
      request(3, 'subscriptions/listen', { notifications: { toolsListChanged: true } }),
    );
    started.stdin.end(`${[...asked, listen].join('\n')}\n`);
    const { stdout, code } = await started.ended;
    const answers = stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Json);
    assert.deepEqual(
      answers
        .filter(each => 'result' in each)
        .map(({ id }) => id)
        .sort(),
      [1, 2],
    );
    assert.equal(code, 0);
  });

  it('forgets a request that is cancelled before the server said what it is', async () => {
    let answer = () => undefined as unknown;
    const server = await here.serve();
    server.answer = ({ message }, response) => {
      if (message?.['method'] !== 'server/discover') return undefined;
      const result = { supportedVersions: ['2026-07-28'], capabilities: {}, resultType: 'complete' };
      answer = () =>
        response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id: message['id'], result }));
      return true;
    };
    const client = await here.startRaw(server);
    client.send(request(1, 'tools/call', { name: 'echo', arguments: { text: 'first' } }));
    client.send(request(2, 'tools/list'));
    await until(() => methods(server).includes('server/discover'));
    client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    client.send({ ...request(1, 'tools/list') });
    // What is asked last is answered last: by then all before it is known.
    answer();
    assert.ok(((await client.answer(1))['result'] as Json)['tools']);
    assert.ok(!methods(server).includes('tools/call'));
  });
});
