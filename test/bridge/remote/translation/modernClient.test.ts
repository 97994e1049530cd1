import assert from 'node:assert/strict';
import type { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport as LegacyPipe } from '@modelcontextprotocol/sdk/inMemory.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { createModernClient } from '../../../../src/bridge/remote/translation/modernClient/modernClient.ts';
import { memoryLog } from '../../../auth/fixtures.ts';
import { until } from '../fixtures.ts';
import { between, methods, type Passed } from './between.ts';
import { everything, newModernClient } from './clients.ts';
import { createLegacyFeatures, seen } from './legacyFeatures.ts';

interface Connected {
  readonly client: Client;
  readonly server: McpServer;
  readonly passed: Passed;
  readonly heard: unknown[];
}

describe('a client of the modern era before a server of the legacy one', () => {
  let open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(open.map(close => close()));
    open = [];
  });

  async function connect(capabilities = everything): Promise<Connected> {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const [nearServer, farServer] = LegacyPipe.createLinkedPair();
    const server = createLegacyFeatures();
    await server.connect(farServer);
    const passed = await between(far, nearServer, end =>
      createModernClient(end, { url: new URL('https://example.com/mcp'), log: memoryLog() }),
    );
    const { client, heard } = newModernClient(capabilities);
    await client.connect(near);
    open.push(
      () => client.close(),
      () => server.close(),
    );
    return { client, server, passed, heard };
  }

  async function call(
    { client }: Pick<Connected, 'client'>,
    name: string,
    input = {},
    options: Parameters<Client['callTool']>[1] = {},
    _meta: Record<string, unknown> = {},
  ): Promise<string> {
    const { content } = await client.callTool({ name, arguments: input, _meta }, options);
    return (content as { text: string }[])[0]?.text ?? '';
  }

  it('[eras] a session is begun for it, and server/discover answered from that', async () => {
    const { client, passed } = await connect();
    assert.deepEqual(client.getServerVersion(), { name: 'legacy', version: '1.0.0' });
    assert.equal(client.getInstructions(), 'Be kind.');
    assert.ok(client.getServerCapabilities()?.resources?.subscribe);
    assert.deepEqual(methods(passed.server).slice(0, 2), ['initialize', 'notifications/initialized']);
    const [initialize] = passed.server;
    assert.deepEqual(initialize && 'params' in initialize && initialize.params, {
      protocolVersion: '2025-11-25',
      capabilities: everything,
      clientInfo: { name: 'test', version: '1.0.0' },
    });
  });

  it('[eras] results say what the modern era demands, and requests lose what only it knows', async () => {
    const { client, passed } = await connect();
    assert.deepEqual(JSON.parse(await call({ client }, 'meta', {}, {}, { 'example.com/own': 1 })), {
      'example.com/own': 1,
    });
    const { tools } = await client.listTools();
    assert.ok(tools.length > 5);
    const results = passed.client.flatMap(message => ('result' in message ? [message.result] : []));
    assert.ok(results.every(({ resultType }) => resultType === 'complete'));
    const lists = results.filter(({ tools }) => tools);
    assert.ok(lists.every(({ ttlMs, cacheScope }) => ttlMs === 0 && cacheScope === 'private'));
    assert.ok(!JSON.stringify(lists).includes('"execution"'));
  });

  it('[eras] what the server asks becomes input_required, and the retry answers it', async () => {
    const connected = await connect();
    const kinds = ['sampling', 'elicitation', 'url', 'roots'];
    const answers = JSON.parse(await call(connected, 'ask', { kinds })) as Record<
      string,
      Record<string, unknown>
    >;
    assert.equal(answers['sampling']?.['model'], 'test-model');
    assert.deepEqual(answers['elicitation'], { action: 'accept', content: { colour: 'red' } });
    assert.deepEqual(answers['url'], { action: 'accept' });
    assert.deepEqual(answers['roots'], { roots: [{ uri: 'file:///wool' }] });
    const { passed, heard } = connected;
    assert.equal(methods(passed.server).filter(method => method === 'tools/call').length, 1);
    assert.ok(!JSON.stringify(heard).includes('elicitationId'));
    assert.equal(await call(connected, 'askOne'), 'asked');
  });

  it('[eras] a prompt may ask, and completion passes', async () => {
    const { client } = await connect();
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
    assert.deepEqual(messages[0]?.content, { type: 'text', text: 'Hello Ada' });
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'name', value: 'A' },
    });
    assert.deepEqual(completion.values, ['Ada', 'Grace']);
  });

  it('[eras] an address that has to be opened before is input_required, and the call is made again then', async () => {
    const connected = await connect();
    assert.equal(await call(connected, 'open'), 'opened');
    assert.equal(connected.heard.length, 1);
    const { passed } = connected;
    assert.equal(methods(passed.server).filter(method => method === 'tools/call').length, 2);
  });

  it('[eras] a client without the capability is not asked, and the server hears why', async () => {
    const connected = await connect({});
    for (const [kind, name] of [
      ['sampling', 'sampling'],
      ['elicitation', 'form'],
      ['url', 'url'],
      ['roots', 'roots'],
    ] as const) {
      assert.match(await call(connected, 'ask', { kinds: [kind] }), new RegExp(`-32021.*${name}`));
    }
  });

  it('[eras] what the server asks outside of a call is refused with an error that says so', async () => {
    const { server } = await connect();
    await assert.rejects(server.server.listRoots(), /while the server has a tools\/call/);
    await server.server.ping();
  });

  it('[eras] progress comes under the token of the request that waits', async () => {
    const connected = await connect();
    assert.equal(await call(connected, 'steps', {}, { onprogress: () => undefined }), 'arrived');
    const { client } = connected.passed;
    const said = (method: string) =>
      client.flatMap(message =>
        'method' in message && message.method === method ? [message.params ?? {}] : [],
      );
    const tokens = said('tools/call').map(({ _meta }) => (_meta as { progressToken: unknown }).progressToken);
    assert.equal(new Set(tokens).size, 3);
    assert.deepEqual(
      said('notifications/progress').map(({ progressToken, progress }) => [progressToken, progress]),
      tokens.slice(0, 2).map((token, at) => [token, at + 1]),
    );
  });

  it('[eras] a cancelled call is cancelled at the server', async () => {
    const connected = await connect();
    // The SDK's server takes no cancellation of a call whose id is 0.
    await call(connected, 'echo', { text: 'hi' });
    const before = { ...seen };
    const stop = new AbortController();
    const called = call(connected, 'slow', {}, { signal: stop.signal });
    await until(() => seen.begun > before.begun);
    stop.abort();
    await assert.rejects(called);
    await until(() => seen.cancelled > before.cancelled);
  });

  it('[eras] a subscription hears what it asked for, and no more', async () => {
    const { client, server, heard, passed } = await connect();
    seen.watched = [];
    server.sendToolListChanged();
    const lists = await client.listen({ toolsListChanged: true, promptsListChanged: true });
    const resources = await client.listen({ resourceSubscriptions: ['wool://a', 'wool://secret'] });
    assert.deepEqual(lists.honoredFilter, { toolsListChanged: true, promptsListChanged: true });
    assert.deepEqual(resources.honoredFilter, { resourceSubscriptions: ['wool://a'] });
    server.sendToolListChanged();
    for (const uri of ['wool://b', 'wool://a']) await server.server.sendResourceUpdated({ uri });
    await until(() => heard.length === 2);
    assert.deepEqual(heard, ['tools', 'wool://a']);
    await resources.close();
    await until(() => seen.watched.length === 0);
    await lists.close();
    server.sendToolListChanged();
    await client.listTools();
    assert.deepEqual(heard, ['tools', 'wool://a']);
    assert.ok(!methods(passed.server).includes('subscriptions/listen'));
  });

  it('[eras] what is logged comes to a request that wants it', async () => {
    const connected = await connect();
    const level = (name: string) => ({ 'io.modelcontextprotocol/logLevel': name });
    await call(connected, 'log', {}, {}, level('error'));
    assert.deepEqual(connected.heard, ['an error']);
    await call(connected, 'log');
    assert.deepEqual(connected.heard, ['an error']);
    await call(connected, 'log', {}, {}, level('debug'));
    assert.deepEqual(connected.heard, ['an error', 'a detail', 'an error']);
    await assert.rejects(call(connected, 'echo', { text: 'hi' }, {}, level('loud')), { code: -32_602 });
  });

  it('[eras] a resource that is not there is an error by the code of the modern era', async () => {
    const { client } = await connect();
    const { contents } = await client.readResource({ uri: 'wool://lamb' });
    assert.deepEqual(contents, [{ uri: 'wool://lamb', text: 'soft' }]);
    await assert.rejects(client.readResource({ uri: 'wool://none' }), { code: -32_602 });
  });
});
