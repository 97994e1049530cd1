import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { writeTexts } from '../../src/store/sqlite/searchText.ts';
import type { Lesson } from '../../src/store/lesson.ts';
import { grep } from '../../src/server/grep.ts';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { databaseIn } from '../store/fixtures.ts';

type Values = Record<string, unknown>;

/** Bytes that an answer may have, with what JSON-RPC adds. */
const longestAnswer = 1_010_000;
const megabyte = 1_000_000;

describe('the bounds of the bundled server', () => {
  const directory = useDirectory();
  const clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });

  /** The server in a process of its own, which has that much memory (MB). */
  async function start({ memory = 96 } = {}): Promise<Client> {
    const client = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [
          `--max-old-space-size=${String(memory)}`,
          join(import.meta.dirname, 'stdioServer.ts'),
          directory.path,
        ],
      }),
    );
    clients.push(client);
    // The client checks what a tool answers by its schema once it has seen it.
    await client.listTools();
    return client;
  }

  async function call(client: Client, name: string, input: Values = {}): Promise<Values> {
    const result = await client.callTool({ name, arguments: input }, undefined, { timeout: 60_000 });
    assert.ok(!result.isError, JSON.stringify(result.content).slice(0, 500));
    const size = Buffer.byteLength(JSON.stringify(result));
    assert.ok(size <= longestAnswer, `${name} answers with ${String(size)} bytes.`);
    return result.structuredContent as Values;
  }
  async function refusal(client: Client, name: string, input: Values): Promise<string> {
    const result = await client.callTool({ name, arguments: input }, undefined, { timeout: 60_000 });
    assert.equal(result.isError, true);
    const said = (result.content as { text: string }[]).map(part => part.text).join('\n');
    assert.ok(said.length < 5_000, String(said.length));
    return said;
  }

  /** Writes rows behind the server's back, as an older release could have. */
  async function fill(sql: string, ...values: (string | number)[]): Promise<void> {
    const database = openDatabase(databaseIn(directory.path));
    database.run(`INSERT OR IGNORE INTO owner VALUES (${owner}, 'https://tenant.example/', 'ada')`);
    database.run(sql, ...values);
    database.transaction(() => {
      writeTexts(database, 'todo');
    });
    database.close();
  }
  const numbers = (count: number) =>
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(count)})`;
  const owner = '1';
  const at = "'2026-01-01T00:00:00.000Z'";
  const fillTodos = (count: number, { metadata = "'{}'", notes = "''", description = "'Todo ' || i" } = {}) =>
    fill(`INSERT INTO todo (id, owner, description, project, priority, status, target_agent, ticket,
            created_at, updated_at, tags, notes, comment, metadata)
          ${numbers(count)} SELECT 'todo ' || i, ${owner}, ${description}, 'p' || i, 'Low', 'pending', '', '',
            ${at}, ${at}, '[]', ${notes}, '', ${metadata} FROM n`);
  const fillLessons = (count: number, text: string) =>
    fill(`INSERT INTO lesson (id, owner, language, topic, created_at, updated_at, tags, lesson_learned)
          ${numbers(count)} SELECT 'lesson ' || i, ${owner}, 'SQL', 'FTS5', ${at}, ${at}, '[]', ${text} FROM n`);
  const large = (size: number) =>
    `'{"x":"' || replace(hex(zeroblob(${String(size / 2)})), '00', 'ab') || '"}'`;

  it('[T14] every text, list and number that a tool takes has a limit', () => {
    function unlimited(schema: Values, path: string): string[] {
      if ('enum' in schema || 'const' in schema) return [];
      const within = Object.entries((schema['properties'] ?? {}) as Record<string, Values>).flatMap(
        ([name, part]) => unlimited(part, `${path}.${name}`),
      );
      switch (schema['type']) {
        case 'string':
          return 'maxLength' in schema ? [] : [path];
        case 'array':
          return [
            ...('maxItems' in schema ? [] : [path]),
            ...unlimited(schema['items'] as Values, `${path}[]`),
          ];
        case 'integer':
          return 'maximum' in schema ? [] : [path];
        case 'boolean':
          return [];
        case 'object':
          return schema['additionalProperties'] === false ||
            /At most \d+ characters/.test(String(schema['description']))
            ? within
            : [path];
        default:
          return [path];
      }
    }
    assert.deepEqual(
      toolList.flatMap(({ name, inputSchema }) => unlimited(inputSchema as Values, name)),
      [],
    );
  });

  it('[T14] metadata that is too long or too deep is refused, and named', async () => {
    const client = await start();
    const { todo } = await call(client, 'add_todo', {
      description: 'Spin',
      project: 'wool',
      metadata: { x: 'y'.repeat(15_000), list: [[[['deep enough']]]] },
    });
    const todo_id = (todo as Values)['id'];
    let deep: unknown = 'x';
    for (let i = 0; i < 25; i++) deep = [deep];
    for (const metadata of [{ x: 'y'.repeat(9 * megabyte) }, { x: 'y'.repeat(16_000) }, { deep }]) {
      assert.match(
        await refusal(client, 'add_todo', { description: 'x', project: 'x', metadata }),
        /At most 16000 characters as JSON, 20 levels deep[^]*metadata/,
      );
      assert.match(await refusal(client, 'update_todo', { todo_id, updates: { metadata } }), /At most 16000/);
    }
    assert.equal((await call(client, 'query_todos'))['total'], 1);
  });

  it('[T14] old metadata of 9 MB in each of 40 todos is left out, said, and neither loaded nor lost', async () => {
    await fillTodos(40, { metadata: large(9 * megabyte) });
    const client = await start();
    for (const [name, input] of [
      ['query_todos', {}],
      ['query_todos', { projection: ['description', 'metadata'] }],
      ['list_todos_by_status', { status: 'pending' }],
      ['search_todos', { query: 'todo' }],
    ] as const) {
      const { todos, total } = (await call(client, name, input)) as { todos: Values[]; total: number };
      assert.deepEqual([todos.length, total], [40, 40], name);
      assert.deepEqual([todos[0]?.['metadata'], todos[0]?.['omitted']], [{}, ['metadata']], name);
    }
    const plain = (await call(client, 'query_todos', { projection: ['description'] })) as { todos: Values[] };
    assert.deepEqual(Object.keys(plain.todos[0] ?? {}), ['id', 'description']);
    const changed = await call(client, 'update_todo', { todo_id: 'todo 7', updates: { notes: 'new' } });
    assert.equal((changed['todo'] as Values)['notes'], 'new');
    await call(client, 'complete_todo', { todo_id: 'todo 7', comment: 'done' });
    const database = new DatabaseSync(databaseIn(directory.path), { readOnly: true });
    const kept = database
      .prepare("SELECT octet_length(metadata) AS size FROM todo WHERE id = 'todo 7'")
      .get();
    database.close();
    assert.ok(Number(kept?.['size']) > 9 * megabyte);
    await call(client, 'update_todo', { todo_id: 'todo 7', updates: { metadata: { small: true } } });
    await call(client, 'delete_todo', { todo_id: 'todo 8' });
  });

  it('[T14] an old log entry that is too large is left out and said, and so is what is nested without end', async () => {
    await fill(`INSERT INTO log_entry (owner, todo_id, operation, at, project, changes)
                ${numbers(30)} SELECT ${owner}, 'x', 'update', ${at}, 'wool', ${large(9 * megabyte)} FROM n`);
    const client = await start();
    const { entries } = (await call(client, 'query_todo_logs')) as { entries: Values[] };
    assert.equal(entries.length, 30);
    assert.deepEqual([entries[0]?.['changes'], entries[0]?.['omitted']], [{}, ['changes']]);
    await fillTodos(1, {
      metadata: `'{"x":' || replace(hex(zeroblob(20000)), '00', '[') || replace(hex(zeroblob(20000)), '00', ']') || '}'`,
    });
    const { todo } = (await call(client, 'get_todo', { todo_id: 'todo 1' })) as { todo: Values };
    assert.deepEqual([todo['metadata'], todo['omitted']], [{}, ['metadata']]);
  });

  it('[T14] a list ends before its answer is too long, says where to go on, and nothing is missed so', async () => {
    const notes = `replace(hex(zeroblob(9000)), '00', 'a"')`;
    await fillTodos(100, { notes });
    await fillLessons(100, notes);
    await fill(`INSERT INTO log_entry (owner, todo_id, operation, at, project, changes)
                SELECT owner, id, 'create', updated_at, project,
                  json_object('notes', json_object('from', null, 'to', notes)) FROM todo`);
    const client = await start();
    for (const [name, key, input] of [
      ['query_todos', 'todos', {}],
      ['query_todos', 'todos', { projection: ['notes'] }],
      ['list_todos_by_status', 'todos', { status: 'pending' }],
      ['search_todos', 'todos', { query: 'todo' }],
      ['query_todo_logs', 'entries', {}],
      ['list_lessons', 'lessons', { language: 'SQL' }],
      ['grep_lessons', 'lessons', { pattern: 'fts' }],
    ] as const) {
      const seen = new Set<string>();
      let answers = 0;
      for (let offset: number | undefined = 0; offset !== undefined; answers++) {
        const answer = await call(client, name, { ...input, limit: 500, offset });
        const items = answer[key] as Values[];
        assert.equal(answer['total'], 100, name);
        for (const item of items) seen.add(String(item['id'] ?? item['todo_id']));
        if (answer['next_offset'] !== undefined) {
          assert.match(
            String(answer['note']),
            new RegExp(`Go on with the offset ${String(offset + items.length)}`),
          );
        }
        offset = answer['next_offset'] as number | undefined;
      }
      assert.equal(seen.size, 100, name);
      assert.ok(answers > 2 && answers < 60, `${name}: ${String(answers)}`);
    }
  });

  it('[T14] one item that is too large for any answer comes without its largest fields', async () => {
    const control = `replace(hex(zeroblob(30000)), '00', char(1) || char(2))`;
    await fillTodos(2, { notes: control, description: control });
    const client = await start();
    const { todo } = (await call(client, 'get_todo', { todo_id: 'todo 1' })) as { todo: Values };
    assert.deepEqual(todo['omitted'], ['description']);
    const { todos, next_offset } = (await call(client, 'query_todos')) as {
      todos: Values[];
      next_offset: number;
    };
    assert.deepEqual([todos.length, todos[0]?.['omitted'], next_offset], [1, ['description'], 1]);
  });

  it('[T14] all projects are listed, in as many answers as it takes', async () => {
    await fillTodos(1_200);
    const client = await start();
    const { projects, total, next_offset } = (await call(client, 'list_projects')) as {
      projects: Values[];
      total: number;
      next_offset: number;
    };
    assert.deepEqual([projects.length, total, next_offset], [500, 1_000, 500]);
    const last = await call(client, 'list_projects', { offset: 1_000 });
    assert.deepEqual([(last['projects'] as Values[]).length, last['next_offset']], [200, undefined]);
  });

  it('[T14] a search of very many matches ranks the newest thousand, says so, and goes on by its cursor', async () => {
    await fillTodos(20_000, { description: "'a todo about ' || i" });
    const client = await start();
    const search = async (query: string, more: Values = {}) =>
      (await call(client, 'search_todos', { query, limit: 2, ...more })) as { todos: Values[] } & Values;
    const found = await search('a '.repeat(249));
    assert.deepEqual(
      found.todos.map(({ id }) => id),
      ['todo 20000', 'todo 19999'],
    );
    assert.deepEqual([found['total'], found['total_is_lower_bound'], found['next_offset']], [1_000, true, 2]);
    const last = await search('a '.repeat(249), { offset: 10_000 });
    assert.deepEqual([last.todos[0]?.['id'], last['next_offset']], ['todo 10000', undefined]);
    const next = await search('a '.repeat(249), { cursor: last['next_cursor'] });
    assert.equal(next.todos[0]?.['id'], 'todo 9998');
    assert.deepEqual((await search('todo 12345'))['total'], 1);
    const letters = 'a b c d e f g h i j k l m n o p';
    await call(client, 'search_todos', { query: letters });
    assert.match(await refusal(client, 'search_todos', { query: `${letters} q` }), /17 different words.*16/);
    assert.match(
      await refusal(client, 'search_lessons', { query: `${letters} q` }),
      /17 different words.*16/,
    );
  });

  it('[T14] grep_lessons reads no more at once than it matches, however many lessons there are', async () => {
    await fillLessons(8_000, `replace(hex(zeroblob(9000)), '00', 'ab')`);
    const client = await start({ memory: 64 });
    const answer = await call(client, 'grep_lessons', { pattern: 'fts5', limit: 3 });
    assert.equal((answer['lessons'] as Values[]).length, 3);
    assert.ok(answer['total'] === 8_000 || /The time was over/.test(String(answer['note'])));
    assert.match(await refusal(client, 'grep_lessons', { pattern: '^(a|b|ab)*c$' }), /takes too long/);
  });

  it('[T14] grep_lessons stops in time where the lessons themselves have no end', async () => {
    let read = 0;
    function* endless(): Generator<Lesson> {
      const lesson = { id: 'x', language: 'SQL', topic: 'FTS5', tags: [], created_at: '', updated_at: '' };
      for (;;) yield { ...lesson, lesson_learned: `Lesson ${String(++read)}` };
    }
    const found = await grep(endless(), 'fts5', true, { limit: 2, offset: 1 });
    assert.deepEqual(
      found.items.map(({ lesson_learned }) => lesson_learned),
      ['Lesson 2', 'Lesson 3'],
    );
    assert.ok(found.lookedAt !== undefined && found.lookedAt > 0 && found.lookedAt <= read);
  });

  describe('any call', () => {
    const ownDirectory = temporaryDirectory();
    let server: ChildProcessWithoutNullStreams;
    let lines: NodeJS.AsyncIterator<string>;
    let lastId = 0;

    async function ask(content: string): Promise<string> {
      const id = ++lastId;
      server.stdin.write(`{"jsonrpc":"2.0","id":${String(id)},${content}}\n`);
      const { value } = (await lines.next()) as { value: unknown };
      const text = String(value);
      assert.ok(Buffer.byteLength(text) <= longestAnswer);
      assert.equal((JSON.parse(text) as Values)['id'], id, text.slice(0, 200));
      return text;
    }
    before(async () => {
      server = spawn(process.execPath, [join(import.meta.dirname, 'stdioServer.ts'), ownDirectory.path]);
      lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
      await ask(
        '"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}',
      );
    });
    after(async () => {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
      ownDirectory.remove();
    });

    /** Arguments as text, for what JSON.stringify could not write. */
    const todoArguments = (metadata: string) => `{"description":"x","project":"x","metadata":${metadata}}`;
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const toolCall = (tool: string, given: string) =>
      `"method":"tools/call","params":{"name":"${tool}","arguments":${given}}`;
    const many = (count: number, item: string) => Array.from({ length: count }, () => item).join(',');

    for (const [name, content, answer] of [
      [
        'arguments nested 100,000 deep',
        toolCall('add_todo', todoArguments(`{"x":${nested(100_000)}}`)),
        /levels/,
      ],
      ['all arguments nested', toolCall('add_todo', `{"description":${nested(100_000)}}`), /levels/],
      ['nesting that fills the message', toolCall('query_todos', `{"x":${nested(4_900_000)}}`), /levels/],
      ['a list where there is an object', toolCall('query_todos', nested(100_000)), /error/],
      ['no arguments, but null', toolCall('query_todos', 'null'), /"total"/],
      ['arguments as text', toolCall('query_todos', JSON.stringify('{"limit":"5"}')), /"total"/],
      ['arguments as text that is none', toolCall('query_todos', '"{"'), /error/],
      [
        'nesting in text that fills the message',
        toolCall('query_todos', JSON.stringify(`{"filter":${nested(4_900_000)}}`)),
        /levels/,
      ],
      [
        '__proto__ in metadata',
        toolCall('add_todo', todoArguments('{"__proto__":{"x":1},"a":{"__proto__":{"x":1}}}')),
        /__proto__/,
      ],
      [
        '__proto__ as an argument',
        toolCall('query_todos', '{"__proto__":{"limit":5},"constructor":{"x":1}}'),
        /Unrecognized key/,
      ],
      [
        'lone surrogates',
        toolCall(
          'add_todo',
          '{"description":"\\ud800x","project":"\\udfff","metadata":{"\\ud800":"\\udc00"}}',
        ),
        /"result"/,
      ],
      [
        'NUL and other control characters',
        toolCall('add_todo', '{"description":"a\\u0000b\\u001b[2J","project":"x"}'),
        /"result"/,
      ],
      [
        'huge numbers in metadata',
        toolCall('add_todo', todoArguments(`{"a":1e999,"b":${'9'.repeat(1_000)},"c":-1e-999}`)),
        /"result"/,
      ],
      ['a huge limit', toolCall('query_todos', '{"limit":1e308}'), /limit/],
      ['a huge offset', toolCall('query_todos', '{"offset":9007199254740991}'), /"result"/],
      ['an offset beyond all numbers', toolCall('query_todos', '{"offset":1e999}'), /offset/],
      [
        'a list of millions of wrong tags',
        toolCall('add_todo', `{"description":"x","project":"x","tags":[${many(3_000_000, '1')}]}`),
        /values/,
      ],
      [
        'a tag too long',
        toolCall('add_todo', `{"description":"x","project":"x","tags":["${'x'.repeat(9 * megabyte)}"]}`),
        /tags/,
      ],
      [
        'a text too long',
        toolCall('add_todo', `{"description":"${'x'.repeat(9 * megabyte)}","project":"x"}`),
        /description/,
      ],
      [
        'the name of an argument too long',
        toolCall('query_todos', `{"${'x'.repeat(9 * megabyte)}":1}`),
        /Unrecognized key/,
      ],
      ['the name of a tool too long', toolCall('x'.repeat(9 * megabyte), '{}'), /no such tool/],
      [
        'a time too long',
        toolCall('query_todos', `{"since":"2026-01-01T00:00:00.${'0'.repeat(9 * megabyte)}Z"}`),
        /since/,
      ],
      ['a time that is none', toolCall('query_todos', '{"since":"2026-02-30T00:00:00Z"}'), /since/],
      [
        'a projection that repeats',
        toolCall('query_todos', `{"projection":[${many(5_000, '"id"')}]}`),
        /projection/,
      ],
      [
        'a pattern that counts without end',
        toolCall('grep_lessons', '{"pattern":"((((a{9999}){9999}){9999}){9999}){9999}"}'),
        /"result"/,
      ],
      ['params that are a list', '"method":"tools/call","params":[1]', /-32600/],
      [
        'a _meta that is none',
        '"method":"tools/call","params":{"name":"whoami","_meta":{"progressToken":{}}}',
        /-32600/,
      ],
    ] as const) {
      it(`[T14] a call is answered, and the next one too: ${name}`, async () => {
        assert.match(await ask(content), answer);
        assert.match(await ask(toolCall('query_todos', '{}')), /"total"/);
      });
    }
  });
});
