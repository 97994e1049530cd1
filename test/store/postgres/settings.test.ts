import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { noLog } from '../../../src/common/log.ts';
import { openPostgresStore, type PostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { checkFacts } from '../../../src/store/postgres/checkDatabase.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { runSql, startPostgres, type TestDatabase, type TestPostgres } from '../../postgres.ts';
import { countsOf, ownerOf } from '../fixtures.ts';

const page = { limit: 10, offset: 0 };

/** What somebody may have set for a role or a database, to whom our statements must not matter. */
const settings: Readonly<Record<string, string>> = {
  search_path: "'evil, public, pg_catalog'",
  standard_conforming_strings: 'off',
  row_security: 'off',
  default_transaction_read_only: 'on',
  default_transaction_isolation: 'serializable',
  transform_null_equals: 'on',
  TimeZone: "'Pacific/Chatham'",
  DateStyle: "'German, DMY'",
  IntervalStyle: 'sql_standard',
  extra_float_digits: '-15',
  statement_timeout: '3000',
  lock_timeout: '1',
  idle_in_transaction_session_timeout: '900',
  enable_indexscan: 'off',
  enable_bitmapscan: 'off',
  client_min_messages: 'debug5',
  default_text_search_config: "'german'",
  quote_all_identifiers: 'on',
  backslash_quote: 'off',
  gin_fuzzy_search_limit: '1',
};

describe('a Postgres store', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  const open = ({ databaseUrl: url, migrationUrl }: TestDatabase) =>
    openPostgresStore({ url, migrationUrl, log: noLog });
  const nameOf = ({ adminUrl }: TestDatabase) => new URL(adminUrl).pathname.slice(1);

  async function work(store: PostgresStore, sub: string) {
    const ada = store.of(ownerOf(sub));
    const todo = await ada.addTodo({ description: String.raw`Spin \' it`, project: String.raw`wo'ol\x` });
    await ada.addTodo({ description: 'Spin more', project: 'wool' });
    await ada.updateTodo(todo.id, { notes: 'Häuser' });
    await ada.addLesson({ language: 'SQL', topic: 'spin', lesson_learned: 'x', tags: [] });
    assert.deepEqual((await ada.searchTodos('hauser', page)).items, [await ada.getTodo(todo.id)]);
    const names = (await ada.listProjects(page)).items.map(({ project }) => project);
    assert.deepEqual(names, [String.raw`wo'ol\x`, 'wool']);
    assert.deepEqual(await countsOf(store, ownerOf(sub)), { todos: 2, found: 2, logs: 3, lessons: 1 });
  }

  it('works alike whatever is set for its roles and its database', async () => {
    const database = await postgres.newDatabase();
    await runSql(
      database.adminUrl,
      'CREATE SCHEMA evil',
      'GRANT USAGE ON SCHEMA evil TO PUBLIC',
      'CREATE TABLE evil.todo (owner bigint)',
      "CREATE FUNCTION evil.left(text, integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'evil' $$",
      `CREATE FUNCTION evil.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT '1' $$`,
      `CREATE FUNCTION evil.octet_length(text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT 99999999 $$`,
      ...Object.entries(settings).map(
        ([name, value]) => `ALTER DATABASE ${nameOf(database)} SET ${name} = ${value}`,
      ),
    );
    const store = await open(database);
    await work(store, 'ada');
    await store.check();
    await store.close();
    await (await open(database)).close();
  });

  for (const [name, value] of [
    ['statement_timeout', '300'],
    ['idle_in_transaction_session_timeout', '50'],
    ['idle_session_timeout', '50'],
  ] as const) {
    it(`goes by its own limits where the role of requests has ${name}`, async () => {
      const database = await postgres.newDatabase();
      const first = await open(database);
      await first.close();
      await runSql(
        database.adminUrl,
        'CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$',
        'CREATE TRIGGER slow AFTER INSERT ON omnispindle.lesson FOR EACH ROW EXECUTE FUNCTION public.slow()',
        `ALTER ROLE ${database.requestRole} SET ${name} = ${value}`,
      );
      const store = await openPostgresStore({ url: database.databaseUrl, log: noLog });
      await work(store, 'ada');
      // Long enough for the pool's connections to be ended, where they are.
      await delay(100);
      await work(store, 'eve');
      await store.close();
    });
  }

  it('keeps a statement to its own limit where the role has none', async () => {
    const database = await postgres.newDatabase();
    await (await open(database)).close();
    await runSql(
      database.adminUrl,
      'CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$',
      'CREATE TRIGGER slow AFTER INSERT ON omnispindle.lesson FOR EACH ROW EXECUTE FUNCTION public.slow()',
      `ALTER ROLE ${database.requestRole} SET statement_timeout = 0`,
    );
    const store = await openPostgresStore({ url: database.databaseUrl, log: noLog, statementTimeout: 100 });
    const adding = store
      .of(ownerOf('ada'))
      .addLesson({ language: 'SQL', topic: 'x', lesson_learned: '', tags: [] });
    await assert.rejects(adding, (error: unknown) => error instanceof StoreError && error.code === 'busy');
    await store.close();
  });

  it('says at its start which privilege its role lacks, or which table is gone', async () => {
    const database = await postgres.newDatabase();
    await (await open(database)).close();
    const start = () => openPostgresStore({ url: database.databaseUrl, log: noLog });
    const { requestRole } = database;
    const refused = (says: RegExp) =>
      assert.rejects(start(), error => {
        assert.ok(error instanceof StoreError && error.code === 'unavailable', String(error));
        assert.match(error.message, says);
        return true;
      });
    for (const [privilege, object] of [
      ['SELECT', 'omnispindle.todo'],
      ['INSERT', 'omnispindle.log_entry'],
      ['UPDATE', 'omnispindle.lesson'],
      ['DELETE', 'omnispindle.project_count'],
      ['UPDATE', 'omnispindle.todo_words'],
      ['INSERT', 'omnispindle.rate_limit'],
    ] as const) {
      await runSql(database.adminUrl, `REVOKE ${privilege} ON ${object} FROM ${requestRole}`);
      await refused(
        new RegExp(
          `role ${requestRole} of DATABASE_URL lacks the privilege ${privilege} for ${object}\\. Start once with`,
        ),
      );
      await runSql(database.adminUrl, `GRANT ${privilege} ON ${object} TO ${requestRole}`);
    }
    const find = 'omnispindle.find_todo(text[], text, integer, bigint)';
    await runSql(database.adminUrl, `REVOKE EXECUTE ON FUNCTION ${find} FROM ${requestRole}`);
    await refused(/lacks the privilege EXECUTE for omnispindle\.find_todo/);
    // As the words say.
    await (await open(database)).close();
    await (await start()).close();
    await runSql(database.adminUrl, 'DROP TABLE omnispindle.lesson_words');
    await refused(/has no table omnispindle\.lesson_words.*Restore it from a backup/);
  });

  it('says what a server must be: new enough, and no standby', () => {
    const facts = { version: 180_004, encoding: 'UTF8', isStandby: false };
    checkFacts(facts);
    checkFacts({ ...facts, version: 150_000 });
    for (const [wrong, says] of [
      [{ version: 140_019 }, /is in Postgres 14, and Omnispindle needs 15 or newer/],
      [{ version: 90_624 }, /is in Postgres 9, /],
      [{ isStandby: true }, /takes no changes: it is a standby.*address of the primary/],
      [{ encoding: 'LATIN1' }, /encoding LATIN1/],
    ] as const) {
      assert.throws(
        () => {
          checkFacts({ ...facts, ...wrong });
        },
        (error: unknown) =>
          error instanceof StoreError && error.code === 'unavailable' && says.test(error.message),
      );
    }
  });

  it('goes on while a newer version brings the tables up to date, and starts no more', async () => {
    const database = await postgres.newDatabase();
    const old = await open(database);
    await work(old, 'ada');
    await runSql(
      database.migrationUrl,
      `BEGIN; ALTER TABLE omnispindle.todo ADD COLUMN later text COLLATE "C" NOT NULL DEFAULT '';
       INSERT INTO omnispindle.kysely_migration VALUES ('0002_later', '2030-01-01T00:00:00.000Z'); COMMIT`,
    );
    await work(old, 'eve');
    await assert.rejects(open(database), /newer Omnispindle/);
    await old.close();
  });

  for (const [code, said] of [
    ['25006', 'cannot execute INSERT in a read-only transaction'],
    ['0A000', 'cannot set transaction read-write mode during recovery'],
  ] as const) {
    it(`says that nothing was changed where the database is read-only: ${code}`, async () => {
      const database = await postgres.newDatabase();
      const store = await open(database);
      await work(store, 'ada');
      await runSql(
        database.adminUrl,
        `CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN RAISE '${said}' USING ERRCODE = '${code}'; END $$`,
        'CREATE TRIGGER meddling AFTER INSERT ON omnispindle.todo FOR EACH ROW EXECUTE FUNCTION public.meddle()',
      );
      await assert.rejects(
        store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' }),
        error => {
          assert.ok(error instanceof StoreError && error.code === 'unavailable', String(error));
          assert.match(error.message, /takes no changes: it is a standby.*Nothing was changed/);
          return true;
        },
      );
      await store.close();
    });
  }

  it('is busy where the database takes no more connections, and goes on with those that it has', async () => {
    const database = await postgres.newDatabase();
    await (await open(database)).close();
    await runSql(database.adminUrl, `ALTER ROLE ${database.requestRole} CONNECTION LIMIT 1`);
    const store = await openPostgresStore({ url: database.databaseUrl, log: noLog });
    const ada = store.of(ownerOf('ada'));
    const add = () => ada.addTodo({ description: 'Spin', project: 'wool' });
    const ends = await Promise.allSettled([add(), add(), add()]);
    const refused = ends.flatMap(end => (end.status === 'rejected' ? [end.reason as unknown] : []));
    assert.equal(refused.length, 2);
    for (const error of refused) {
      assert.ok(error instanceof StoreError && error.code === 'busy', String(error));
      assert.match(error.message, /53300.*Nothing was changed; try again/);
    }
    await add();
    assert.equal((await ada.queryTodos({}, page)).total, 2);
    await store.close();
  });
});
