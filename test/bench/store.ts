import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noLog } from '../../src/common/log.ts';
import { inputSchema } from '../../src/server/toolInput.ts';
import { allTools } from '../../src/server/generated/allTools.ts';
import { openPostgresStore } from '../../src/store/postgres/postgresStore.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqliteStore.ts';
import type { Owner, Store } from '../../src/store/store.ts';
import { startPostgres } from '../postgres.ts';
import { ownerOf } from '../store/fixtures.ts';
import { fillPostgres, type Amount } from './fillPostgres.ts';
import { fillSqlite } from './fillSqlite.ts';
import { ms, percentile, table } from './measure.ts';

type Values = Record<string, unknown>;

/** Others with some rows each, between whose rows stand those of the people who are measured. */
const others = 997;
const rowsOfOthers = 100;
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

/** `npm run bench`: how long tools take for people with a thousand rows of each kind, and with more, among a thousand. */
export async function benchStore(sizes: readonly number[] = [1_000, 100_000]): Promise<void> {
  const amounts = amountsOf(sizes);
  const owners = sizes.map(size => ownerOf(nameOf(size)));
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-bench-store-'));
  try {
    fillSqlite(join(directory, 'data'), amounts);
    const started = performance.now();
    const store = await openSqliteStore(join(directory, 'data'));
    console.log(
      `\nTo bring a SQLite database of the version before up to date took ${ms(performance.now() - started)}.`,
    );
    await measure('SQLite', store, owners, sizes);
    await store.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  await using postgres = await startPostgres();
  const { databaseUrl: url, migrationUrl, adminUrl } = postgres;
  const store = await openPostgresStore({ url, migrationUrl, log: noLog });
  await fillPostgres(adminUrl, amounts);
  await measure('Postgres', store, owners, sizes);
  await store.close();
}

const nameOf = (size: number) => `one with ${String(size)}`;

function amountsOf(sizes: readonly number[]): Amount[] {
  const crowd = Array.from({ length: others }, (_, i) => ({
    ...ownerOf(`other ${String(i)}`),
    rows: rowsOfOthers,
  }));
  const [before, behind] = [crowd.slice(0, others / 2), crowd.slice(others / 2)];
  return [...before, ...sizes.map(rows => ({ ...ownerOf(nameOf(rows)), rows })), ...behind];
}

async function measure(
  name: string,
  store: Store,
  owners: readonly Owner[],
  sizes: readonly number[],
): Promise<void> {
  const rows: string[][] = [];
  for (const one of measured) {
    const times = await timesInTurns(one, store, owners);
    const p99s = times.map(of => percentile(of, 0.99));
    rows.push([
      one.tool,
      one.what,
      ...times.flatMap((of, index) => [ms(percentile(of, 0.5)), ms(p99s[index] ?? NaN)]),
      ((p99s.at(-1) ?? NaN) / (p99s[0] ?? NaN)).toFixed(1),
    ]);
  }
  console.log(
    `\n## The store in ${name}, one person among a thousand (${String(calls)} calls each, in turns)\n`,
  );
  const heads = sizes.flatMap(size => [`p50 at ${String(size)}`, `p99 at ${String(size)}`]);
  console.log(table(['tool', 'what', ...heads, 'p99, times'], rows));
}

/** @returns for each owner the times (ms) of their calls */
async function timesInTurns(
  { tool: name, input = {}, isDeep }: (typeof measured)[number],
  store: Store,
  owners: readonly Owner[],
): Promise<number[][]> {
  const tool = allTools.find(one => one.name === name);
  if (!tool) throw new Error(name);
  const callers = await Promise.all(
    owners.map(async owner => {
      const context = {
        caller: { ...owner, scopes: [], expiresAt: Infinity },
        store: () => Promise.resolve(store.of(owner)),
      };
      const call = (more: Values = {}) => tool.run(inputSchema(tool).parse({ ...input, ...more }), context);
      const given = isDeep ? { cursor: (await call({ offset: 500 }))['next_cursor'] } : {};
      return () => call(given);
    }),
  );
  const times = owners.map((): number[] => []);
  for (let i = -warmUpCalls; i < calls; i++) {
    // In turns, so that whatever else the machine does meets all alike.
    for (const [index, call] of callers.entries()) {
      const started = performance.now();
      await call();
      if (i >= 0) times[index]?.push(performance.now() - started);
    }
  }
  return times;
}

if (import.meta.main) await benchStore(process.argv.slice(2).map(Number));
