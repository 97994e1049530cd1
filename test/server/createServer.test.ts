import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { detachable, type Detachable } from '../../src/sessions/detachable.ts';
import type { Gate } from '../../src/server/gate.ts';
import { createStdioServer } from '../../src/server/stdioServer.ts';
import { lateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import { StoreError } from '../../src/store/storeError.ts';
import { memoryLog, temporaryDirectory } from '../auth/fixtures.ts';

const ada = { issuer: 'https://tenant.example/', sub: 'ada', scopes: [], expiresAt: Infinity };

describe('a call of a tool', () => {
  const directory = temporaryDirectory();
  const clients: Client[] = [];
  const stores: { close(): Promise<void> }[] = [];
  after(async () => {
    await Promise.all(clients.map(client => client.close()));
    await Promise.all(stores.map(store => store.close()));
    directory.remove();
  });

  async function connect(
    gate: Gate,
    store = lateStore(() => openSqliteStore(directory.path)),
  ): Promise<Client> {
    stores.push(store);
    const server = createStdioServer({
      gate,
      era: 'legacy',
      store: store.of,
      loadout: 'full',
      log: memoryLog(),
      version: '1.2.3',
    });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const client = new Client({ name: 'test', version: '1.0.0' });
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    clients.push(client);
    return client;
  }
  const open: Gate = () => Promise.resolve(ada);
  const textOf = (result: Awaited<ReturnType<Client['callTool']>>) =>
    (result.content as { text: string }[]).map(part => part.text).join('\n');
  async function total(client: Client, project: string): Promise<unknown> {
    const { structuredContent } = await client.callTool({
      name: 'list_project_todos',
      arguments: { project },
    });
    return (structuredContent as { total: number }).total;
  }

  it('does nothing any more when it was cancelled while it waited, even if the wait then succeeds', async () => {
    const { promise: signedIn, resolve: signIn } = Promise.withResolvers<typeof ada>();
    const { promise: waits, resolve: waiting } = Promise.withResolvers<AbortSignal | undefined>();
    const client = await connect(({ signal }) => {
      waiting(signal);
      return signedIn;
    });
    const cancel = new AbortController();
    const called = client.callTool(
      { name: 'add_todo', arguments: { description: 'Spin', project: 'cancelled' } },
      undefined,
      { signal: cancel.signal },
    );
    const signal = await waits;
    const aborted = new Promise(resolve => signal?.addEventListener('abort', resolve));
    cancel.abort();
    await assert.rejects(called);
    await aborted;
    signIn(ada);
    assert.equal(await total(client, 'cancelled'), 0);
  });

  it('works with no arguments at all where none are needed', async () => {
    const client = await connect(open);
    for (const name of ['whoami', 'list_projects', 'query_todos', 'list_lessons', 'query_todo_logs']) {
      const result = await client.callTool({ name });
      assert.ok(!result.isError, textOf(result));
    }
  });

  it('refuses an argument it does not know, names it, and changes nothing', async () => {
    const client = await connect(open);
    const result = await client.callTool({
      name: 'add_todo',
      arguments: { description: 'Spin', project: 'misspelt', prio: 'High' },
    });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /prio/);
    assert.equal(await total(client, 'misspelt'), 0);
    const { tools } = await client.listTools();
    for (const { name, inputSchema } of tools) assert.equal(inputSchema['additionalProperties'], false, name);
  });

  it('takes a priority in any case, but only as text', async () => {
    const client = await connect(open);
    const add = (priority: unknown) =>
      client.callTool({ name: 'add_todo', arguments: { description: 'x', project: 'priority', priority } });
    assert.match(textOf(await add('cRITICAL')), /"Critical"/);
    for (const wrong of [['low'], 3, { low: true }]) {
      const result = await add(wrong);
      assert.equal(result.isError, true, JSON.stringify(wrong));
      assert.match(textOf(result), /priority/);
    }
    assert.equal(await total(client, 'priority'), 1);
  });

  it('passes on the store’s error where it cannot be opened, and opens it at the next call', async () => {
    let tries = 0;
    const client = await connect(
      open,
      lateStore(() =>
        ++tries === 1
          ? Promise.reject(new StoreError('unavailable', 'Free some space.'))
          : openSqliteStore(directory.path),
      ),
    );
    const failed = await client.callTool({ name: 'list_projects' });
    assert.equal(failed.isError, true);
    assert.equal(textOf(failed), 'Free some space.');
    assert.ok(!(await client.callTool({ name: 'list_projects' })).isError);
  });

  it('shares the store with another server, and leaves it open when its own client has gone', async () => {
    let opened = 0;
    const store = lateStore(() => {
      opened++;
      return openSqliteStore(directory.path);
    });
    const [first, second] = [await connect(open, store), await connect(open, store)];
    await first.callTool({ name: 'add_todo', arguments: { description: 'Spin', project: 'shared' } });
    await first.close();
    assert.equal(await total(second, 'shared'), 1);
    assert.equal(opened, 1);
  });

  it('sends progress to a client that asks for it, where the wait itself brings no news', async () => {
    const news: (string | undefined)[] = [];
    const { promise: told, resolve: tell } = Promise.withResolvers<typeof ada>();
    const client = await connect(() => told);
    await client.callTool({ name: 'whoami' }, undefined, {
      onprogress: ({ message }) => {
        news.push(message);
        tell(ada);
      },
    });
    assert.deepEqual(news, ['Omnispindle is finding out who you are…']);
  });

  it('answers a client that asks for no progress before it gives up, with what it waits for; the next call uses it', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const pending = new Map<string, Detachable<typeof ada>>();
      const { promise: signedIn, resolve: signIn } = Promise.withResolvers<typeof ada>();
      const { promise: waits, resolve: waiting } = Promise.withResolvers<unknown>();
      const client = await connect(request =>
        detachable(pending, 'ada', request, onProgress => {
          onProgress({ type: 'message', message: 'Open https://tenant.example/authorize' });
          waiting(undefined);
          return signedIn;
        }),
      );
      const first = client.callTool({ name: 'whoami' });
      await waits;
      mock.timers.tick(50_000);
      const answer = await first;
      assert.equal(answer.isError, true);
      assert.match(textOf(answer), /the next call uses it\.\nOpen https:\/\/tenant\.example\/authorize$/);
      const next = client.callTool({ name: 'whoami' });
      signIn(ada);
      assert.ok(!(await next).isError);
    } finally {
      mock.timers.reset();
    }
  });
});
