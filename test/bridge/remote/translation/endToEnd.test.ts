import assert from 'node:assert/strict';
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio';
import { StdioClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { useUser } from '../../../tenant/useTenant.ts';
import { cli, signIn, userEnvironment, visits } from '../../../terminal/fixtures.ts';
import { until } from '../fixtures.ts';
import { startRemoteServer, type RemoteServer } from '../remoteServer.ts';
import { legacySessions, streamableSessions, type Sessions } from '../sessions.ts';
import { everything, newLegacyClient, newModernClient } from './clients.ts';
import { createLegacyFeatures, seen as seenByLegacy } from './legacyFeatures.ts';
import { seen as seenByModern } from './modernFeatures.ts';
import { modernSessions } from './modernSessions.ts';

interface Tools {
  callTool(call: { name: string; arguments?: Record<string, unknown> }): Promise<unknown>;
}

async function text(client: Tools, name: string, input = {}): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: input })) as { content: { text: string }[] };
  return content[0]?.text ?? '';
}

describe('omnispindle connect between the eras', () => {
  let open: (() => Promise<unknown>)[] = [];
  let remote: RemoteServer;
  const given = useUser(async () => {
    await Promise.all(open.map(close => close()));
    open = [];
    await remote.stop();
  });

  /** Starts a server, and says how the client of a person who is signed in starts `connect` to it. */
  async function serve(sessions: Sessions, flags: readonly string[] = []) {
    remote = await startRemoteServer({ sessions });
    await signIn({ tenant: given.tenant, directory: given.directory });
    return {
      command: process.execPath,
      args: [cli, 'connect', remote.url, '--default-audience', ...flags],
      env: userEnvironment({ tenant: given.tenant, directory: given.directory }),
      stderr: 'ignore' as const,
    };
  }
  async function legacy(sessions: Sessions, capabilities = everything) {
    const made = newLegacyClient(capabilities);
    await made.client.connect(new LegacyTransport(await serve(sessions)));
    open.push(() => made.client.close());
    return made;
  }
  async function modern(sessions: Sessions, flags: readonly string[] = []) {
    const made = newModernClient();
    await made.client.connect(new ModernTransport(await serve(sessions, flags)));
    open.push(() => made.client.close());
    return made;
  }

  describe('a legacy client, a modern server', () => {
    it('[eras] signs in once, and asks the client what the server wants to know', async () => {
      const { client, heard } = await legacy(modernSessions());
      assert.equal(client.getServerVersion()?.name, 'modern');
      assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
      const kinds = ['sampling', 'elicitation', 'url', 'roots'];
      const { answers, state } = JSON.parse(await text(client, 'ask', { kinds })) as Record<string, unknown>;
      assert.deepEqual(Object.keys(answers as object), kinds);
      assert.equal(state, 'asked "it"');
      const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
      assert.deepEqual(messages[0]?.content, { type: 'text', text: 'Hello Ada' });
      const { contents } = await client.readResource({ uri: 'wool://lamb' });
      assert.equal(contents.length, 1);
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'greet' },
        argument: { name: 'name', value: 'A' },
      });
      assert.deepEqual(completion.values, ['Ada', 'Grace']);
      await until(() => heard.includes('complete'));
      await client.ping();
      assert.equal(visits(given.directory).length, 1);
      assert.ok(remote.requests.every(({ authorization }) => authorization?.startsWith('Bearer ey')));
    });

    it('[eras] hears progress, logs and changes, and cancels', async () => {
      const sessions = modernSessions();
      const { client, heard } = await legacy(sessions);
      const progress: number[] = [];
      await client.callTool({ name: 'steps' }, undefined, {
        onprogress: news => progress.push(news.progress),
      });
      assert.deepEqual(progress, [1, 2, 3, 4]);
      await client.setLoggingLevel('error');
      await text(client, 'log');
      assert.deepEqual(heard, ['an error']);
      await client.subscribeResource({ uri: 'wool://a' });
      sessions.notify.toolsChanged();
      sessions.notify.resourceUpdated('wool://b');
      sessions.notify.resourceUpdated('wool://a');
      await until(() => heard.includes('wool://a'));
      assert.deepEqual(heard, ['an error', 'tools', 'wool://a']);
      const before = { ...seenByModern };
      const stop = new AbortController();
      const called = client.callTool({ name: 'slow' }, undefined, { signal: stop.signal });
      await until(() => seenByModern.begun > before.begun);
      stop.abort();
      await assert.rejects(called);
      await until(() => seenByModern.cancelled > before.cancelled);
      assert.equal(await text(client, 'echo', { text: 'on' }), 'on');
    });

    it('[eras] gets an error that says so for what it cannot do, or the server', async () => {
      const { client } = await legacy(modernSessions(), {});
      await assert.rejects(text(client, 'ask', { kinds: ['sampling'] }), { code: -32_021 });
      await assert.rejects(client.experimental.tasks.listTasks(), /MCP 2026-07-28/);
    });

    it('[eras] hears of changes again after the server was away', async () => {
      const { client, heard } = await legacy(modernSessions());
      assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
      remote.drop();
      await until(() => heard.includes('tools'));
    });
  });

  describe('a server that becomes one of the other era', () => {
    /** A server that is replaced behind its address. */
    function changing(first: Sessions) {
      let now = first;
      const sessions: Sessions = {
        handle: (request, response) => now.handle(request, response),
        servers: () => now.servers(),
        forget: () => {
          now.forget();
        },
      };
      return { sessions, become: (next: Sessions) => void (now = next) };
    }
    const older = () => streamableSessions({ create: createLegacyFeatures });
    const asked = async (client: Tools) =>
      (await text(client, 'ask', { kinds: ['roots'] })).includes('file:///wool');

    for (const [from, to] of [
      [older, modernSessions],
      [modernSessions, older],
    ] as const) {
      const way = from === older ? 'a modern' : 'a legacy';
      it(`[eras] goes on for a legacy client when it becomes ${way} one`, async () => {
        const { sessions, become } = changing(from());
        const { client } = await legacy(sessions);
        assert.ok(await asked(client));
        become(to());
        assert.ok(await asked(client));
      });

      it(`[eras] goes on for a modern client when it becomes ${way} one`, async () => {
        const { sessions, become } = changing(from());
        const { client } = await modern(sessions);
        assert.ok(await asked(client));
        become(to());
        assert.ok(await asked(client));
      });
    }
  });

  for (const [name, sessions, flags] of [
    ['Streamable HTTP', () => streamableSessions({ create: createLegacyFeatures }), []],
    ['HTTP+SSE', () => legacySessions(createLegacyFeatures), ['--transport', 'sse-only']],
  ] as const) {
    describe(`a modern client, a legacy server over ${name}`, () => {
      it('[eras] signs in once, and is asked what the server wants to know', async () => {
        const { client, heard } = await modern(sessions(), flags);
        assert.equal(client.getServerVersion()?.name, 'legacy');
        assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
        const kinds = ['sampling', 'elicitation', 'url', 'roots'];
        const answers = JSON.parse(await text(client, 'ask', { kinds })) as Record<string, object>;
        assert.deepEqual(Object.keys(answers), kinds);
        assert.ok(Object.values(answers).every(answer => typeof answer === 'object'));
        const asked = await Promise.all([1, 2, 3].map(() => text(client, 'ask', { kinds })));
        assert.ok(asked.every(answer => answer === JSON.stringify(answers)));
        assert.equal(await text(client, 'open'), 'opened');
        assert.ok(heard.includes('https://example.com/open'));
        const { messages } = await client.getPrompt({ name: 'greet', arguments: { name: 'Ada' } });
        assert.deepEqual(messages[0]?.content, { type: 'text', text: 'Hello Ada' });
        await assert.rejects(client.readResource({ uri: 'wool://none' }), { code: -32_602 });
        assert.equal(visits(given.directory).length, 1);
      });

      it('[eras] hears progress, logs and changes, and cancels', async () => {
        const { client, heard } = await modern(sessions(), flags);
        const progress: number[] = [];
        await client.callTool({ name: 'steps' }, { onprogress: news => progress.push(news.progress) });
        assert.ok(progress.includes(2));
        await client.callTool({ name: 'log', _meta: { 'io.modelcontextprotocol/logLevel': 'error' } });
        assert.deepEqual(heard, ['an error']);
        seenByLegacy.watched = [];
        const subscription = await client.listen({
          toolsListChanged: true,
          resourceSubscriptions: ['wool://a'],
        });
        remote.listChanged();
        await until(() => heard.includes('tools'));
        assert.deepEqual(seenByLegacy.watched, ['wool://a']);
        await subscription.close();
        await until(() => seenByLegacy.watched.length === 0);
        const before = { ...seenByLegacy };
        const stop = new AbortController();
        const called = client.callTool({ name: 'slow' }, { signal: stop.signal });
        await until(() => seenByLegacy.begun > before.begun);
        stop.abort();
        await assert.rejects(called);
        await until(() => seenByLegacy.cancelled > before.cancelled);
      });

      it('[eras] keeps its session, and begins another when that is gone', async () => {
        const { client } = await modern(sessions(), flags);
        assert.equal(await text(client, 'echo', { text: 'hi' }), 'hi');
        remote.forget();
        assert.equal(await text(client, 'echo', { text: 'on' }), 'on');
      });
    });
  }
});
