import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inputSchema } from '../../src/server/toolInput.ts';
import { allTools } from '../../src/server/generated/allTools.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Store } from '../../src/store/store.ts';
import { ownerOf, writeSecondVersion } from '../store/fixtures.ts';
import { ms, percentile, table } from './measure.ts';

type Values = Record<string, unknown>;

const sizes = [1_000, 1_000_000] as const;
const calls = 1_000;
const warmUpCalls = 40;
const project = 'project 7';

/** What is called, with a page in the middle of the list where that is said. */
const measured: readonly { tool: string; what: string; input?: Values; isDeep?: boolean }[] = [
  { tool: 'query_todos', what: 'all' },
  { tool: 'query_todos', what: 'all, from the middle by a cursor', isDeep: true },
  {
    tool: 'query_todos',
    what: 'of a project and a status',
    input: { filter: { project, status: 'pending' } },
  },
  { tool: 'query_todos', what: 'of a ticket', input: { filter: { ticket: 'W-40' } } },
  { tool: 'list_todos_by_status', what: 'pending', input: { status: 'pending' } },
  { tool: 'list_project_todos', what: 'half of all', input: { project } },
  { tool: 'list_projects', what: '201' },
  { tool: 'query_todo_logs', what: 'all' },
  { tool: 'query_todo_logs', what: 'of a project', input: { project } },
  { tool: 'list_lessons', what: 'all' },
  { tool: 'list_lessons', what: 'of a language', input: { language: 'SQL' } },
  { tool: 'search_todos', what: 'a word in all', input: { query: 'bobbin' } },
  {
    tool: 'search_todos',
    what: 'a word in all, from the middle by a cursor',
    input: { query: 'bobbin' },
    isDeep: true,
  },
  {
    tool: 'search_todos',
    what: 'two words, the beginning of a third',
    input: { query: 'thread number blu' },
  },
  { tool: 'search_todos', what: 'a number, the beginning of others', input: { query: 'bobbin 500' } },
];

/** `npm run bench`: how long tools take with a thousand todos, log entries and lessons of one person, and a million. */
export async function benchStore(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-store-'));
  try {
    const stores: Store[] = [];
    const opened: string[] = [];
    for (const size of sizes) {
      const path = join(directory, String(size));
      mkdirSync(path, { mode: 0o700 });
      fill(path, size);
      const started = performance.now();
      stores.push(await openSqliteStore(path));
      opened.push(`${String(size)}: ${ms(performance.now() - started)}`);
    }
    const times: number[][][] = [];
    for (const one of measured) times.push(await timesInTurns(one, stores));
    await Promise.all(stores.map(store => store.close()));
    console.log(`\n## The store with a thousand and a million (${String(calls)} calls each, in turns)\n`);
    const heads = sizes.flatMap(size => [`p50 at ${String(size)}`, `p99 at ${String(size)}`]);
    console.log(
      table(
        ['tool', 'what', ...heads, 'p99, times'],
        measured.map(({ tool, what }, index) => {
          const [small = [], large = []] = times[index] ?? [];
          const [before, after] = [percentile(small, 0.99), percentile(large, 0.99)];
          const cells = [percentile(small, 0.5), before, percentile(large, 0.5), after].map(ms);
          return [tool, what, ...cells, (after / before).toFixed(1)];
        }),
      ),
    );
    console.log(`\nTo bring a database of the version before up to date took: ${opened.join(', ')}.`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @returns for each store the times (ms) of its calls */
async function timesInTurns(
  { tool: name, input = {}, isDeep }: (typeof measured)[number],
  stores: readonly Store[],
): Promise<number[][]> {
  const tool = allTools.find(one => one.name === name);
  if (!tool) throw new Error(name);
  const callers = await Promise.all(
    stores.map(async (store, index) => {
      const context = {
        caller: { ...ownerOf('ada'), scopes: [], expiresAt: Infinity },
        store: () => Promise.resolve(store.of(ownerOf('ada'))),
      };
      const call = (more: Values = {}) => tool.run(inputSchema(tool).parse({ ...input, ...more }), context);
      const offset = Math.min(9_000, (sizes[index] ?? 0) / 2);
      const given = isDeep ? { cursor: (await call({ offset }))['next_cursor'] } : {};
      return () => call(given);
    }),
  );
  const times = stores.map((): number[] => []);
  for (let i = -warmUpCalls; i < calls; i++) {
    // In turns, so that whatever else the machine does meets both alike.
    for (const [index, call] of callers.entries()) {
      const started = performance.now();
      await call();
      if (i >= 0) times[index]?.push(performance.now() - started);
    }
  }
  return times;
}

/** Writes as many todos, log entries and lessons as the version before had them: its indexes were slower to fill. */
function fill(directory: string, size: number): void {
  const database = new DatabaseSync(writeSecondVersion(directory, ['ada']));
  database.exec(`PRAGMA synchronous = OFF; DROP TRIGGER todos_added; DROP TRIGGER lessons_added;
    DROP INDEX todos_by_status; DROP INDEX todos_by_project; DROP INDEX logs_by_todo; DROP INDEX logs_by_project;
    BEGIN;
    CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(size)})
      SELECT i, strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + i, 'unixepoch') AS at FROM n;
    INSERT INTO todos (id, issuer, sub, description, project, priority, status, target_agent, ticket, created_at,
        updated_at, tags, notes, comment, metadata)
      SELECT 'todo of a person who has many, ' || i, issuer, sub,
        'Thread the bobbin number ' || i || ' with ' || CASE i % 3 WHEN 0 THEN 'blue' WHEN 1 THEN 'red' ELSE 'green' END,
        CASE i % 2 WHEN 0 THEN 'project 7' ELSE 'project ' || (i % 400) END, CASE i % 4 WHEN 0 THEN 'High' ELSE 'Low' END,
        CASE i % 3 WHEN 0 THEN 'pending' WHEN 1 THEN 'completed' ELSE 'review' END, '',
        CASE i % 10 WHEN 0 THEN 'W-' || i ELSE '' END, n.at, n.at, '["soon"]', 'Some notes about it.', '', '{}'
      FROM n JOIN (SELECT issuer, sub FROM todos LIMIT 1);
    INSERT INTO logs (issuer, sub, todo_id, operation, at, project, changes)
      SELECT issuer, sub, id, 'create', updated_at, project, '{}' FROM todos;
    INSERT INTO lessons (id, issuer, sub, language, topic, created_at, updated_at, tags, lesson_learned)
      SELECT 'lesson of a person, ' || i, issuer, sub, CASE i % 3 WHEN 0 THEN 'SQL' ELSE 'C' END, 'Topic ' || i,
        n.at, n.at, '[]', 'Quote every word.' FROM n JOIN (SELECT issuer, sub FROM todos LIMIT 1);
    COMMIT;`);
  database.close();
}

if (import.meta.main) await benchStore();
