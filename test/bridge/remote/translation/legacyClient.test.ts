import assert from 'node:assert/strict';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { InMemoryTransport as ModernPipe, type McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createLegacyClient } from '../../../../src/bridge/remote/translation/legacyClient/legacyClient.ts';
import { memoryLog } from '../../../auth/fixtures.ts';
import { until } from '../fixtures.ts';
import { everything, newLegacyClient, sampled } from './clients.ts';
import { between, methods, type Passed } from './between.ts';
import { createModernFeatures, seen } from './modernFeatures.ts';

interface Connected {
  readonly client: Client;
  readonly server: McpServer;
  readonly passed: Passed;
  readonly heard: unknown[];
}

describe('a client of the legacy era before a server of the modern one', () => {
  let open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await Promise.all(open.map(close => close()));
    open = [];
  });

  async function connect(capabilities = everything): Promise<Connected> {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const [nearServer, farServer] = ModernPipe.createLinkedPair();
    let server: McpServer | undefined;
    const serving = serveStdio(() => (server = createModernFeatures()), {
      transport: farServer,
      legacy: 'reject',
    });
    const discovered = {
      supportedVersions: ['2026-07-28'],
      instructions: 'Be kind.',
      capabilities: {
        logging: {},
        completions: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
      },
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'modern', version: '1.0.0' } },
    };
    const passed = await between(far, nearServer, end =>
      createLegacyClient(end, {
        discovered,
        url: new URL('https://example.com/mcp'),
        log: memoryLog(),
        pauses: [20, 200],
        quietFor: 50,
      }),
    );
    const { client, heard } = newLegacyClient(capabilities);
    await client.connect(near);
    open.push(
      () => client.close(),
      () => serving.close(),
    );
    await until(() => methods(passed.server).includes('notifications/subscriptions/acknowledged'));
    assert.ok(server);
    return { client, server, passed, heard };
  }

  async function call({ client }: Connected, name: string, input = {}, options = {}): Promise<string> {
    const { content } = await client.callTool({ name, arguments: input }, undefined, options);
    return (content as { text: string }[])[0]?.text ?? '';
  }
  const sent = ({ passed }: Connected, method: string) =>
    passed.server.filter(message => 'method' in message && message.method === method);

  it('[eras] initialize is answered from what the server has discovered', async () => {
    const { client, passed } = await connect();
    assert.deepEqual(client.getServerVersion(), { name: 'modern', version: '1.0.0' });
    assert.equal(client.getInstructions(), 'Be kind.');
    assert.ok(client.getServerCapabilities()?.tools?.listChanged);
    for (const gone of ['initialize', 'notifications/initialized']) {
      assert.ok(!methods(passed.server).includes(gone));
    }
  });

  it('[eras] every request names revision, client and capabilities, and keeps its own _meta', async () => {
    const connected = await connect();
    const said = JSON.parse(await call(connected, 'envelope', {}, { onprogress: () => undefined })) as {
      envelope: Record<string, unknown>;
      meta: Record<string, unknown>;
    };
    assert.equal(said.envelope['io.modelcontextprotocol/protocolVersion'], '2026-07-28');
    assert.deepEqual(said.envelope['io.modelcontextprotocol/clientInfo'], { name: 'test', version: '1.0.0' });
    assert.deepEqual(said.envelope['io.modelcontextprotocol/clientCapabilities'], everything);
    assert.notEqual(said.meta['progressToken'], undefined);
  });

  it('[eras] sampling, elicitation and roots are asked of the client, and the call is retried', async () => {
    const connected = await connect();
    const answered = JSON.parse(
      await call(connected, 'ask', { kinds: ['sampling', 'elicitation', 'url', 'roots'] }),
    ) as {
      state: unknown;
      answers: Record<string, Record<string, unknown>>;
    };
    assert.equal(answered.state, 'asked "it"');
    assert.equal(answered.answers['sampling']?.['model'], 'test-model');
    assert.deepEqual(answered.answers['elicitation'], { action: 'accept', content: { colour: 'red' } });
    assert.equal(answered.answers['url']?.['action'], 'accept');
    assert.deepEqual(answered.answers['roots'], { roots: [{ uri: 'file:///wool' }] });
    const ids = sent(connected, 'tools/call').map(message => ('id' in message ? message.id : undefined));
    assert.equal(new Set(ids).size, 2);
    await until(() => connected.heard.includes('complete'));
  });

  it('[eras] a prompt and a resource may ask as well', async () => {
    const { client } = await connect();
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
    assert.deepEqual(messages[0]?.content, { type: 'text', text: 'Hello Ada' });
    const { contents } = await client.readResource({ uri: 'wool://lamb' });
    assert.deepEqual(contents, [{ uri: 'wool://lamb', text: 'soft' }]);
  });

  it('[eras] a call that only has to be repeated is repeated, and an address is shown once', async () => {
    const connected = await connect();
    assert.equal(await call(connected, 'wait'), 'waited');
    assert.deepEqual(JSON.parse(await call(connected, 'open')), { url: { action: 'accept' } });
    assert.deepEqual(
      connected.heard.filter(what => what === 'https://example.com/open'),
      ['https://example.com/open'],
    );
  });

  it('[eras] a server that never stops asking is given up', async () => {
    const connected = await connect();
    await assert.rejects(call(connected, 'askForever'), /again and again/);
  });

  it('[eras] a client without the capability gets an error that names it', async () => {
    const connected = await connect({});
    for (const kind of ['sampling', 'elicitation', 'url', 'roots']) {
      await assert.rejects(call(connected, 'ask', { kinds: [kind] }), { code: -32_021 });
    }
  });

  it('[eras] what the client refuses ends the call with its words', async () => {
    const connected = await connect();
    connected.client.setRequestHandler(CreateMessageRequestSchema, () => {
      throw new Error('User rejected sampling');
    });
    await assert.rejects(call(connected, 'ask', { kinds: ['sampling'] }), /User rejected sampling/);
  });

  it('[eras] progress grows over all that a call takes', async () => {
    const connected = await connect();
    const progress: unknown[] = [];
    const onprogress = (news: { progress: number; total?: number }) =>
      progress.push([news.progress, news.total]);
    assert.equal(await call(connected, 'steps', {}, { onprogress }), 'arrived');
    assert.deepEqual(progress, [
      [1, 2],
      [2, 2],
      [3, 4],
      [4, 4],
    ]);
  });

  it('[eras] a client is kept waiting, by growing progress, for as long as its person reads what a server asks', async () => {
    const connected = await connect();
    const { client } = connected;
    const kinds = {
      sampling: [CreateMessageRequestSchema, { ...sampled }],
      elicitation: [ElicitRequestSchema, { action: 'accept', content: { colour: 'red' } }],
      roots: [ListRootsRequestSchema, { roots: [] }],
    } as const;
    for (const [kind, [schema, answer]] of Object.entries(kinds)) {
      const told = Promise.withResolvers<string | undefined>();
      // Whoever is asked answers when the news has come, however long that takes.
      client.setRequestHandler(schema, async () => (await told.promise, answer) as never);
      const onprogress = ({ message }: { message?: string | undefined }) => {
        told.resolve(message);
      };
      await call(connected, 'ask', { kinds: [kind] }, { onprogress });
      assert.match((await told.promise) ?? '', /answer the question/, kind);
    }
    const progress: number[] = [];
    const told = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let asked = 0;
    client.setRequestHandler(ListRootsRequestSchema, async () => {
      await told[asked++]?.promise;
      return { roots: [] };
    });
    const onprogress = (news: { progress: number; message?: string | undefined }) => {
      progress.push(news.progress);
      if (news.message !== undefined) told[asked - 1]?.resolve(undefined);
    };
    assert.equal(await call(connected, 'steps', {}, { onprogress }), 'arrived');
    assert.deepEqual(progress, [1, 2, 3, 4, 5, 6]);
  });

  it('[eras] a client that asked for no progress hears none while it is asked', async () => {
    const connected = await connect();
    const { client, passed } = connected;
    client.setRequestHandler(ListRootsRequestSchema, async () => {
      await call(connected, 'ask', { kinds: ['sampling'] }, { onprogress: () => undefined });
      return { roots: [] };
    });
    const told = Promise.withResolvers<undefined>();
    client.setRequestHandler(CreateMessageRequestSchema, async () => {
      await until(() => methods(passed.client).includes('notifications/progress'));
      told.resolve(undefined);
      return sampled;
    });
    await call(connected, 'ask', { kinds: ['roots'] });
    await told.promise;
    const heard = passed.client.filter(said => 'method' in said && said.method === 'notifications/progress');
    assert.equal(heard.length, 1);
  });

  it('[eras] a cancelled call is cancelled at the server, and what the client was asked for it as well', async () => {
    const connected = await connect();
    const { client, passed } = connected;
    const before = { ...seen };
    const stop = new AbortController();
    const called = call(connected, 'slow', {}, { signal: stop.signal });
    await until(() => seen.begun > before.begun);
    stop.abort();
    await assert.rejects(called);
    await until(() => seen.cancelled > before.cancelled);
    const stopAsking = new AbortController();
    const asked = Promise.withResolvers<AbortSignal>();
    client.setRequestHandler(ListRootsRequestSchema, (_, { signal }) => {
      asked.resolve(signal);
      return new Promise(() => undefined);
    });
    const asking = call(connected, 'ask', { kinds: ['roots'] }, { signal: stopAsking.signal });
    const signal = await asked.promise;
    stopAsking.abort();
    await assert.rejects(asking);
    await until(() => signal.aborted);
    assert.equal(sent(connected, 'tools/call').length, 2);
    assert.ok(passed.client.length > 0);
  });

  it('[eras] changes of lists and resources come by one subscription, which follows what is watched', async () => {
    const connected = await connect();
    const { client, server, heard } = connected;
    server.sendToolListChanged();
    server.sendPromptListChanged();
    server.sendResourceListChanged();
    await until(() => ['tools', 'prompts', 'resources'].every(name => heard.includes(name)));
    await Promise.all(['wool://a', 'wool://b'].map(uri => client.subscribeResource({ uri })));
    await client.unsubscribeResource({ uri: 'wool://b' });
    await until(() => sent(connected, 'notifications/subscriptions/acknowledged').length >= 3);
    for (const uri of ['wool://b', 'wool://a']) await server.server.sendResourceUpdated({ uri });
    await until(() => heard.includes('wool://a'));
    assert.ok(!heard.includes('wool://b'));
    const listens = sent(connected, 'subscriptions/listen').length;
    const ended = sent(connected, 'notifications/cancelled').length;
    assert.equal(listens - ended, 1, 'One of them stands.');
  });

  it('[eras] the level of what is logged goes with each request', async () => {
    const connected = await connect();
    await call(connected, 'log');
    assert.deepEqual(connected.heard, []);
    await connected.client.setLoggingLevel('warning');
    await call(connected, 'log');
    assert.deepEqual(connected.heard, ['an error']);
    await assert.rejects(connected.client.setLoggingLevel('loud' as 'debug'), /one of: debug/);
  });

  it('[eras] ping is answered, and what the modern era has nothing for is an error that says so', async () => {
    const { client, passed } = await connect();
    await client.ping();
    await assert.rejects(client.experimental.tasks.listTasks(), /MCP 2026-07-28/);
    await client.sendRootsListChanged();
    assert.ok(!methods(passed.server).some(method => /ping|tasks|roots/.test(method)));
  });

  it('[eras] a result that is no object becomes one for the client', async () => {
    const { client } = await connect();
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name, outputSchema }) => name === 'list' && outputSchema === undefined));
    const { structuredContent } = await client.callTool({ name: 'list' });
    assert.deepEqual(structuredContent, { result: [1, 2] });
  });

  it('[eras] completion passes, and so does an error of the server', async () => {
    const { client } = await connect();
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'greet' },
      argument: { name: 'name', value: 'A' },
    });
    assert.deepEqual(completion.values, ['Ada', 'Grace']);
    await assert.rejects(client.getPrompt({ name: 'nothing' }), { code: -32_602 });
  });
});
