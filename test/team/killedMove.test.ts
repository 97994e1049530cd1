import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgresStore.ts';
import type { PersonalStore } from '../../src/store/store.ts';
import type { ImportCounts, StoreRecord } from '../../src/store/transfer/records.ts';
import { memoryLog } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import { runSql, startPostgres, type TestPostgres } from '../postgres.ts';
import type { TenantApi } from '../tenant/options.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, signIn, start, type Ran, type Surroundings } from '../terminal/fixtures.ts';
import { addRows, recordsIn, subOf, withRows } from '../terminal/ownRows.ts';
import { createReplica, type ReplicaProcess } from './replica.ts';
import { teamScopes } from './team.ts';

const seed = Number(process.env['MOVE_SEED'] ?? Date.now() % 1_000_000);
/** What is ended in each round; where, is left to chance. */
const rounds = ['move', 'server', 'move', 'Postgres', 'server', 'move and server', 'move', 'server'] as const;
/** So many are todos, and as many lessons; each todo was changed once, and has two entries in the log. */
const todos = 600;

describe(`move to a team's server on Postgres (MOVE_SEED=${String(seed)})`, function () {
  this.timeout(120_000);
  const apis: TenantApi[] = [];
  const mrrt: { audience: string; scopes: string[] }[] = [];
  let port = 0;
  before(async () => {
    port = await freePort();
    apis.push({ identifier: `${origin()}/mcp`, scopes: teamScopes });
    mrrt.push({ audience: `${origin()}/mcp`, scopes: teamScopes });
  });
  const given = useUser(undefined, { apis, mrrt });
  const here = (): Surroundings => ({ tenant: given.tenant, directory: given.directory });
  const origin = () => `http://127.0.0.1:${String(port)}`;
  const move = () => run(here(), 'move', '--to', origin(), '--json');

  let postgres: TestPostgres;
  let teamStore: PostgresStore;
  before(async () => {
    postgres = await startPostgres({ isOwn: true });
    teamStore = await openPostgresStore({
      url: postgres.databaseUrl,
      migrationUrl: postgres.migrationUrl,
      log: memoryLog(),
    });
  });
  after(async () => {
    await teamStore.close();
    await postgres[Symbol.asyncDispose]();
  });

  let server: ReplicaProcess;
  let theirs: PersonalStore;
  let mine: StoreRecord[];
  const ownRows = () => withRows(here(), sub, recordsIn);
  let sub: string;
  beforeEach(async () => {
    await signIn(here());
    sub = await subOf(here());
    mine = await withRows(here(), sub, async store => {
      await addRows(store, todos);
      return recordsIn(store);
    });
    const directory = join(given.directory, 'server');
    mkdirSync(directory);
    server = await createReplica({
      publicUrl: origin(),
      port,
      directory,
      env: {
        AUTH0_DOMAIN: given.tenant.domain,
        DATABASE_URL: postgres.databaseUrl,
        DATABASE_MIGRATION_URL: postgres.migrationUrl,
      },
    });
    theirs = teamStore.of({ issuer: `${given.tenant.domain}/`, sub });
    await server.start();
  });
  afterEach(async () => {
    await server.kill();
    await forget();
  });

  const forget = () => runSql(postgres.adminUrl, 'DELETE FROM omnispindle.owner');

  /** How many rows there are of each kind, and of what goes with them. */
  async function counted(): Promise<unknown> {
    const tables = ['owner', 'todo', 'lesson', 'log_entry', 'todo_words', 'lesson_words'];
    const counts = tables.map(table => `(SELECT count(*)::int FROM omnispindle.${table}) AS ${table}`);
    const sum = '(SELECT sum(todos)::int FROM omnispindle.project_count) AS counted';
    return (await runSql(postgres.adminUrl, `SELECT ${[...counts, sum].join(', ')}`))[0];
  }

  async function assertAllThere(): Promise<void> {
    assert.deepEqual(await recordsIn(theirs), mine);
    assert.deepEqual(await counted(), {
      ...{ owner: 1, todo: todos, lesson: todos, log_entry: 2 * todos },
      ...{ todo_words: todos, lesson_words: todos, counted: todos },
    });
    assert.deepEqual(await ownRows(), mine);
  }

  /** Waits until the server has that many records, or the move is over. */
  async function thatMany(records: number, over: Promise<unknown>): Promise<void> {
    let isOver = false;
    void over.then(() => (isOver = true));
    const sum = ['todo', 'lesson', 'log_entry'].map(table => `(SELECT count(*) FROM omnispindle.${table})`);
    for (;;) {
      const [row] = await runSql(postgres.adminUrl, `SELECT (${sum.join(' + ')})::int AS sum`);
      if (isOver || Number(row?.['sum']) >= records) return;
      await delay(10);
    }
  }

  const killing = {
    move: (pid: number) => end(pid),
    server: async () => {
      await server.kill();
      return server.start();
    },
    Postgres: async () => {
      await postgres.stop();
      return postgres.start();
    },
    'move and server': async (pid: number) => {
      end(pid);
      await server.kill();
      return server.start();
    },
  };

  function end(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }

  it('brings all there with ids, times and the log', async () => {
    const { code, stdout, stderr } = await move();
    assert.equal(code, 0, stderr);
    const { added, same } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([added, same], [mine.length, 0]);
    await assertAllThere();
  });

  it('loses and doubles nothing, whatever is killed at whatever point, once it has run to its end', async () => {
    const known = new Map(mine.map(record => [`${record.type} ${record.id}`, record]));
    const points = fc.sample(fc.tuple(fc.nat(4), fc.nat(200)), { seed, numRuns: rounds.length });
    const found: string[] = [];
    for (const [round, victim] of rounds.entries()) {
      await forget();
      const [batches, wait] = points[round]!;
      const moving = start(here(), 'move', '--to', origin());
      await thatMany(batches * 500, moving.ended);
      await delay(batches === 0 ? 4 * wait : wait);
      await killing[victim](moving.pid);
      const ended = await moving.ended;
      if (victim === 'server' || victim === 'Postgres') assertWentOn(ended, batches);
      const there = await recordsIn(theirs);
      for (const record of there) assert.deepEqual(record, known.get(`${record.type} ${record.id}`));
      assert.equal(new Set(there.map(({ type, id }) => `${type} ${id}`)).size, there.length);
      const again = await move();
      assert.equal(again.code, 0, again.stderr);
      const { added, same, newer, older } = JSON.parse(again.stdout) as ImportCounts;
      assert.deepEqual([added + same, newer, older], [mine.length, 0, 0]);
      // The server ends what it has begun, also where whoever sent it is gone.
      assert.ok(same >= there.length);
      await assertAllThere();
      found.push(`${victim}: ${String(there.length)}`);
    }
    console.log(`      there when it was killed: ${found.join(', ')}`);
  });

  /** It gets over that alone, except where it could not yet ask whether it is a team's server. */
  function assertWentOn({ code, stderr }: Ran, batches: number): void {
    if (batches > 0 || code === 0) return assert.equal(code, 0, stderr);
    assert.match(stderr, /could not be reached|was lost before the answer came/);
  }
});
