import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import {
  ElicitationCompleteNotificationSchema,
  ElicitRequestSchema,
  type ClientCapabilities,
} from '@modelcontextprotocol/sdk/types.js';
import { AuthError } from '../../src/auth/authError.ts';
import type { TokenSource } from '../../src/sessions/tokenSource.ts';
import { createGate } from '../../src/server/gate.ts';
import { parseLoadout, type Loadout } from '../../src/server/loadouts.ts';
import { allTools } from '../../src/server/generated/allTools.ts';
import { createStdioServer } from '../../src/server/stdioServer.ts';
import type { Tool } from '../../src/server/tool.ts';
import { lateStore } from '../../src/store/lateStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import { memoryLog, temporaryDirectory } from '../auth/fixtures.ts';

type Values = Record<string, unknown>;

/** Tokens are the names of the people they stand for: what is tested here comes after verification. */
const verify = (token: string) =>
  token === 'bad'
    ? Promise.reject(new AuthError('invalid_token', 'The token has expired.'))
    : Promise.resolve({
        issuer: 'https://tenant.example/',
        sub: token,
        scopes: [],
        expiresAt: Date.now() + 3_600_000,
      });

describe('the bundled server', () => {
  const directory = temporaryDirectory();
  const store = lateStore(() => openSqliteStore(directory.path));
  const clients: Client[] = [];
  after(async () => {
    await Promise.all(clients.map(client => client.close()));
    await store.close();
    directory.remove();
  });

  async function connect(
    tokenSource: TokenSource,
    loadout: Loadout = 'full',
    capabilities: ClientCapabilities = {},
  ): Promise<Client> {
    const server = createStdioServer({
      gate: createGate({ tokenSource, verify }),
      era: 'legacy',
      store: store.of,
      loadout,
      log: memoryLog(),
      version: '1.2.3',
    });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities });
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    clients.push(client);
    return client;
  }
  const as = (name: string, loadout?: Loadout) =>
    connect({ getToken: () => Promise.resolve({ accessToken: name }) }, loadout);

  async function call(client: Client, name: string, input: Values = {}): Promise<Values> {
    const result = await client.callTool({ name, arguments: input });
    assert.ok(!result.isError, JSON.stringify(result.content));
    return result.structuredContent as Values;
  }
  async function refusal(client: Client, name: string, input: Values = {}): Promise<string> {
    const result = await client.callTool({ name, arguments: input });
    assert.equal(result.isError, true);
    return (result.content as { text: string }[]).map(part => part.text).join('\n');
  }

  it('lists its tools without anybody being asked for a token', async () => {
    const client = await connect({ getToken: () => Promise.reject(new Error('asked')) });
    const { tools } = await client.listTools();
    assert.equal(tools.length, allTools.length);
    for (const { name, title, description, outputSchema, annotations } of tools) {
      assert.ok(title && description && outputSchema && annotations, name);
      assert.equal(annotations.openWorldHint, false, name);
      const { readOnlyHint, idempotentHint, destructiveHint } = annotations;
      const hints = [readOnlyHint, idempotentHint, destructiveHint];
      if (/^(whoami$|(get|list|query|search|grep)_)/.test(name)) assert.deepEqual(hints, [true, true, false]);
      if (/^add_/.test(name)) assert.deepEqual(hints, [false, false, false], name);
      if (/^(update|delete|complete)_/.test(name)) assert.deepEqual(hints, [false, true, true], name);
    }
  });

  const published = [
    'whoami',
    'add_todo',
    'complete_todo',
    'delete_todo',
    'get_todo',
    'list_project_todos',
    'list_projects',
    'list_todos_by_status',
    'query_todo_logs',
    'query_todos',
    'search_todos',
    'update_todo',
    'add_lesson',
    'delete_lesson',
    'get_lesson',
    'grep_lessons',
    'list_lessons',
    'search_lessons',
    'update_lesson',
  ];
  it('has every tool that earlier releases have, because people and agents call them by name', () => {
    const names = new Set(allTools.map(({ name }) => name));
    assert.deepEqual(
      published.filter(name => !names.has(name)),
      [],
    );
  });

  const namesWhere = (has: (tool: Tool) => boolean) => allTools.filter(has).map(({ name }) => name);
  const loadouts: Record<Loadout, readonly string[]> = {
    full: namesWhere(() => true),
    basic: [
      'whoami',
      'add_todo',
      'get_todo',
      'update_todo',
      'complete_todo',
      'query_todos',
      'list_project_todos',
      'add_lesson',
      'search_lessons',
    ],
    minimal: ['add_todo', 'get_todo', 'complete_todo', 'query_todos'],
    lessons: namesWhere(({ name }) => name === 'whoami' || /lesson/.test(name)),
    read_only: namesWhere(({ scope }) => scope !== 'omnispindle:write'),
    write_only: namesWhere(({ scope }) => scope === 'omnispindle:write'),
  };
  for (const [loadout, names] of Object.entries(loadouts)) {
    it(`has its ${String(names.length)} tools in the loadout ${loadout}`, async () => {
      const { tools } = await (await as('ada', loadout as Loadout)).listTools();
      assert.deepEqual(tools.map(({ name }) => name).sort(), [...names].sort());
    });
  }
  it('names the loadouts where an unknown one is asked for', () => {
    assert.throws(() => parseLoadout('all'), /full, basic, minimal, lessons, read_only, write_only/);
  });

  it('takes a todo through its life, and logs it', async () => {
    const ada = await as('ada');
    const { todo } = (await call(ada, 'add_todo', {
      description: 'Spin the wool',
      project: 'wool',
      priority: 'high',
      tags: ['soon'],
    })) as { todo: Values };
    assert.equal(todo['priority'], 'High');
    const todo_id = todo['id'];
    await call(ada, 'update_todo', { todo_id, updates: { status: 'in_progress', notes: 'Merino' } });
    await call(ada, 'complete_todo', { todo_id, comment: 'Two bobbins' });
    const { todo: done } = (await call(ada, 'get_todo', { todo_id })) as { todo: Values };
    assert.equal(done['status'], 'review');
    assert.equal(done['comment'], 'Two bobbins');
    assert.equal(done['notes'], 'Merino');
    assert.ok(done['completed_at']);
    const { entries } = (await call(ada, 'query_todo_logs', { todo_id })) as { entries: Values[] };
    assert.deepEqual(
      entries.map(entry => entry['operation']),
      ['complete', 'update', 'create'],
    );
    await call(ada, 'delete_todo', { todo_id });
    assert.match(await refusal(ada, 'get_todo', { todo_id }), /nothing of yours/);
  });

  it('queries by filter, projection, limit, offset and time; lists and searches', async () => {
    const lin = await as('lin');
    for (const [index, project] of ['warp', 'warp', 'weft'].entries()) {
      await call(lin, 'add_todo', { description: `Thread ${String(index)}`, project });
    }
    const since = new Date().toISOString();
    const { todos, total } = (await call(lin, 'query_todos', {
      filter: { project: 'warp' },
      projection: ['description'],
      limit: 1,
      offset: 1,
    })) as { todos: Values[]; total: number };
    assert.equal(total, 2);
    assert.deepEqual(Object.keys(todos[0] ?? {}).sort(), ['description', 'id']);
    assert.equal(todos[0]?.['description'], 'Thread 0');
    assert.equal(
      (await call(lin, 'query_todos', { since: new Date(Date.parse(since) + 1000).toISOString() }))['total'],
      0,
    );
    assert.equal((await call(lin, 'list_todos_by_status', { status: 'pending' }))['total'], 3);
    assert.equal((await call(lin, 'list_project_todos', { project: 'weft' }))['total'], 1);
    assert.equal((await call(lin, 'search_todos', { query: 'thread wef' }))['total'], 1);
    assert.deepEqual((await call(lin, 'list_projects'))['projects'], [
      { project: 'warp', todos: 2, open: 2 },
      { project: 'weft', todos: 1, open: 1 },
    ]);
  });

  it('goes on by a cursor in every list, and says what is wrong with one that is not of it', async () => {
    const mia = await as('mia');
    for (const name of ['a', 'b', 'c']) {
      await call(mia, 'add_todo', { description: 'Spin', project: `project ${name}` });
      await call(mia, 'add_lesson', { language: 'SQL', topic: name, lesson_learned: 'Spin' });
    }
    const cursors: string[] = [];
    for (const [name, key, input] of [
      ['query_todos', 'todos', {}],
      ['list_todos_by_status', 'todos', { status: 'pending' }],
      ['list_projects', 'projects', {}],
      ['query_todo_logs', 'entries', {}],
      ['search_todos', 'todos', { query: 'spin' }],
      ['list_lessons', 'lessons', {}],
      ['search_lessons', 'lessons', { query: 'spin' }],
    ] as const) {
      const all = (await call(mia, name, { ...input, cursor: '' }))[key];
      const first = await call(mia, name, { ...input, limit: 2 });
      assert.deepEqual([first['total'], first['next_offset']], [3, 2], name);
      const cursor = String(first['next_cursor']);
      const last = await call(mia, name, { ...input, cursor });
      assert.deepEqual([...(first[key] as Values[]), ...(last[key] as Values[])], all, name);
      assert.deepEqual([last['next_cursor'], last['next_offset']], [undefined, undefined], name);
      assert.match(
        await refusal(mia, name, { ...input, cursor, offset: 1 }),
        /cursor or an offset, not both/,
      );
      for (const wrong of [...cursors, `x${cursor}`]) {
        assert.match(await refusal(mia, name, { ...input, cursor: wrong }), /does not belong to this list/);
      }
      cursors.push(cursor);
    }
  });

  for (const status of ['pending', 'initial', 'in_progress', 'blocked', 'review', 'completed']) {
    it(`lists the todos that are ${status}, and no others`, async () => {
      const pat = await as('pat');
      await call(pat, 'add_todo', { description: status, project: 'statuses', status });
      const { todos: found } = (await call(pat, 'list_todos_by_status', { status })) as { todos: Values[] };
      assert.deepEqual(
        found.map(({ description }) => description),
        [status],
      );
    });
  }

  it('keeps, searches and greps lessons', async () => {
    const ada = await as('ada');
    const { lesson } = (await call(ada, 'add_lesson', {
      language: 'SQL',
      topic: 'FTS5',
      lesson_learned: 'Quote every word.',
      tags: ['search'],
    })) as { lesson: Values };
    const lesson_id = lesson['id'];
    await call(ada, 'update_lesson', { lesson_id, updates: { lesson_learned: 'Quote every single word.' } });
    assert.equal((await call(ada, 'search_lessons', { query: 'single' }))['total'], 1);
    assert.equal((await call(ada, 'grep_lessons', { pattern: '^quote.*\\.$' }))['total'], 1);
    assert.equal((await call(ada, 'list_lessons', { language: 'SQL' }))['total'], 1);
    assert.match(await refusal(ada, 'grep_lessons', { pattern: '(' }), /not a regular expression/);
    await call(ada, 'update_lesson', { lesson_id, updates: { lesson_learned: `${'a'.repeat(40)}!` } });
    assert.match(await refusal(ada, 'grep_lessons', { pattern: '^(a+)+$' }), /takes too long/);
    await call(ada, 'delete_lesson', { lesson_id });
    assert.match(await refusal(ada, 'get_lesson', { lesson_id }), /nothing of yours/);
  });

  it('answers for another person’s todo as if there were none', async () => {
    const [ada, eve] = await Promise.all([as('ada'), as('eve')]);
    const { todo } = (await call(ada, 'add_todo', { description: 'Secret', project: 'private' })) as {
      todo: Values;
    };
    const todo_id = todo['id'];
    for (const [name, input] of [
      ['get_todo', {}],
      ['update_todo', { updates: { notes: 'x' } }],
      ['complete_todo', {}],
      ['delete_todo', {}],
    ] as const) {
      assert.match(await refusal(eve, name, { todo_id, ...input }), /nothing of yours/);
    }
    for (const [name, input] of [
      ['query_todos', {}],
      ['search_todos', { query: 'Secret' }],
      ['query_todo_logs', { todo_id }],
    ] as const) {
      assert.equal((await call(eve, name, input))['total'], 0);
    }
    assert.equal(((await call(ada, 'get_todo', { todo_id }))['todo'] as Values)['notes'], '');
  });

  it('refuses arguments of the wrong type, and names them', async () => {
    const ada = await as('ada');
    for (const [name, input, field] of [
      ['add_todo', { description: 3, project: 'x' }, /description/],
      ['add_todo', { description: 'x', project: 'x', priority: 'urgent' }, /priority/],
      ['query_todos', { filter: { sub: 'lin' } }, /sub|filter/],
      ['query_todos', { limit: 0 }, /limit/],
      ['update_todo', { todo_id: 'x', updates: {} }, /field/],
      ['search_todos', { query: '***' }, /no word/],
    ] as const) {
      assert.match(await refusal(ada, name, input), field);
    }
  });

  it('replaces a token that is refused once, and says why when that does not help', async () => {
    const asked: (string | undefined)[] = [];
    const renewing = await connect({
      getToken: ({ rejected }) => {
        asked.push(rejected);
        return Promise.resolve({ accessToken: rejected ? 'ada' : 'bad' });
      },
    });
    assert.equal((await call(renewing, 'whoami'))['sub'], 'ada');
    assert.deepEqual(asked, [undefined, 'bad']);
    assert.match(await refusal(await as('bad'), 'whoami'), /has expired/);
  });

  it('tells what it waits for, and names no expired address in the error', async () => {
    const news: (string | undefined)[] = [];
    const client = await connect({
      getToken: ({ onProgress }) => {
        onProgress?.({ type: 'message', message: 'Open https://login.example/' });
        return Promise.reject(new AuthError('timed_out', 'Nobody signed in.'));
      },
    });
    const result = await client.callTool({ name: 'whoami', arguments: {} }, undefined, {
      onprogress: ({ message }) => {
        news.push(message);
      },
    });
    assert.deepEqual(news, ['Open https://login.example/']);
    assert.deepEqual(result.content, [{ type: 'text', text: 'Nobody signed in.' }]);
  });

  it('offers the address by URL elicitation to a client that declares it, and says when it is over', async () => {
    const client = await connect(
      {
        getToken: ({ onProgress }) => {
          onProgress?.({ type: 'browser', url: 'https://login.example/', opened: true });
          return Promise.resolve({ accessToken: 'ada' });
        },
      },
      'full',
      { elicitation: { url: {} } },
    );
    const offered: unknown[] = [];
    const finished: unknown[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      offered.push(params);
      return { action: 'accept' };
    });
    client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) => {
      finished.push(params.elicitationId);
    });
    await call(client, 'whoami');
    const [{ mode, url, elicitationId }] = offered as [Values];
    assert.deepEqual([mode, url], ['url', 'https://login.example/']);
    assert.deepEqual(finished, [elicitationId]);
  });

  it('stops waiting when the client cancels', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<boolean>();
    const cancel = new AbortController();
    const client = await connect({
      getToken: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            resolve(true);
            reject(new AuthError('cancelled', 'Stopped.'));
          });
          cancel.abort();
        }),
    });
    const called = client.callTool({ name: 'whoami', arguments: {} }, undefined, { signal: cancel.signal });
    await assert.rejects(called);
    assert.equal(await aborted, true);
  });
});
