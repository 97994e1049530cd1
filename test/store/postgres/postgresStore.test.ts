import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { noLog } from '../../../src/common/log.ts';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import { redact } from '../../../src/common/redact.ts';
import { pseudonymsBy } from '../../../src/server/http/observe/pseudonym.ts';
import { openPostgresStore, type PostgresOptions } from '../../../src/store/postgres/postgresStore.ts';
import { rateLimitTable } from '../../../src/store/postgres/rateLimit.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { runSql, startPostgres, type TestDatabase, type TestPostgres } from '../../postgres.ts';
import { countsOf, ownerOf } from '../fixtures.ts';

describe('opening a Postgres store', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  const open = ({ databaseUrl: url }: TestDatabase, more: Partial<PostgresOptions> = {}) =>
    openPostgresStore({ url, log: noLog, ...more });
  const make = async (database: TestDatabase) => {
    await (await open(database, { migrationUrl: database.migrationUrl })).close();
  };
  /** Refused for that reason, and without a password in what it says. */
  const refuses = (opening: Promise<unknown>, says: RegExp, ...urls: string[]) =>
    assert.rejects(opening, error => {
      assert.ok(error instanceof StoreError && error.code === 'unavailable', String(error));
      assert.match(error.message, says);
      for (const url of urls) assert.ok(!error.message.includes(new URL(url).password), error.message);
      return true;
    });
  const schemaOf = (url: string) =>
    runSql(
      url,
      `SELECT relname, relkind, relacl::text, pg_get_userbyid(relowner) AS owner FROM pg_class
       WHERE relnamespace::regnamespace::text = 'omnispindle' ORDER BY relname`,
    );

  it('makes the tables once, however many replicas start together from nothing', async () => {
    const database = await postgres.newDatabase();
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => open(database, { migrationUrl: database.migrationUrl })),
    );
    await Promise.all(
      stores.map((store, i) =>
        store.of(ownerOf('ada')).addTodo({ description: `Spin ${String(i)}`, project: 'wool' }),
      ),
    );
    assert.deepEqual(await countsOf(stores[0]!, ownerOf('ada')), { todos: 8, found: 8, logs: 8, lessons: 0 });
    const [steps] = await runSql(database.adminUrl, 'SELECT count(*) AS n FROM omnispindle.kysely_migration');
    assert.equal(steps?.['n'], '2');
    await Promise.all(stores.map(store => store.close()));
  });

  it('needs the role that owns the tables only where they are to be made', async () => {
    const database = await postgres.newDatabase();
    await refuses(open(database), /no tables yet.*DATABASE_MIGRATION_URL/s);
    await make(database);
    const store = await open(database);
    await store.check();
    assert.equal((await store.of(ownerOf('ada')).queryTodos({}, { limit: 1, offset: 0 })).total, 0);
    await store.close();
  });

  it('gives another role of requests what it needs at the next start with the role that owns them', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const other = `${database.requestRole}_2`;
    const url = new URL(database.databaseUrl);
    url.username = other;
    await runSql(database.adminUrl, `CREATE ROLE ${other} LOGIN PASSWORD '${url.password}'`);
    const second = { ...database, databaseUrl: url.href };
    await refuses(open(second), /no tables yet, or its role may not see them/);
    await make(second);
    const store = await open(second);
    await store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    await store.close();
    await runSql(database.adminUrl, `DROP OWNED BY ${other}`, `DROP ROLE ${other}`);
  });

  it('touches nothing of a newer version, and says who can bring an older one up to date', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const insert =
      "INSERT INTO omnispindle.kysely_migration VALUES ('9999_later', '2030-01-01T00:00:00.000Z')";
    await runSql(database.adminUrl, insert);
    const before = await schemaOf(database.adminUrl);
    for (const migrationUrl of [undefined, database.migrationUrl]) {
      await refuses(open(database, { migrationUrl }), /newer Omnispindle; nothing of them was touched/);
    }
    assert.deepEqual(await schemaOf(database.adminUrl), before);
    await runSql(database.adminUrl, 'DELETE FROM omnispindle.kysely_migration');
    await refuses(open(database), /older Omnispindle.*DATABASE_MIGRATION_URL/s);
  });

  it('takes the steps that are missing, and no other', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const store = await open(database);
    await store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    await store.close();
    await runSql(
      database.migrationUrl,
      'DROP TABLE omnispindle.log_key',
      'DROP FUNCTION omnispindle.account_in_log(text, text)',
      "DELETE FROM omnispindle.kysely_migration WHERE name = '0002_log_key'",
    );
    await refuses(open(database), /older Omnispindle.*omnispindle serve --http --migrate-only/s);
    const steps: (readonly string[])[] = [];
    const onMigrated = (taken: readonly string[]) => steps.push(taken);
    for (let i = 0; i < 2; i++) {
      const later = await open(database, { migrationUrl: database.migrationUrl, onMigrated });
      assert.equal((await countsOf(later, ownerOf('ada'))).todos, 1);
      await later.close();
    }
    assert.deepEqual(steps, [['0002_log_key'], []]);
  });

  it('makes no tables in another database than the one that requests reach', async () => {
    const [database, other] = [await postgres.newDatabase(), await postgres.newDatabase()];
    await assert.rejects(open(database, { migrationUrl: other.migrationUrl }), error => {
      assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
      assert.match(error.message, /^DATABASE_MIGRATION_URL leads to another database than DATABASE_URL/);
      return true;
    });
    for (const { adminUrl } of [database, other]) assert.deepEqual(await schemaOf(adminUrl), []);
    // Where that may not be asked, nothing is known of it.
    const right = 'EXECUTE ON FUNCTION pg_catalog.pg_control_system()';
    await runSql(database.adminUrl, `REVOKE ${right} FROM PUBLIC`);
    await make(database);
    await runSql(database.adminUrl, `GRANT ${right} TO PUBLIC`);
  });

  it('leaves nothing of a step that fails', async () => {
    const database = await postgres.newDatabase();
    // A table of somebody else's with one of our names.
    await runSql(
      database.migrationUrl,
      'CREATE SCHEMA omnispindle',
      'CREATE TABLE omnispindle.lesson_words ()',
    );
    const before = await schemaOf(database.adminUrl);
    await assert.rejects(make(database), /already exists/);
    assert.deepEqual(await schemaOf(database.adminUrl), before);
  });

  describe('refuses a role of requests', () => {
    let database: TestDatabase;
    before(async () => {
      database = await postgres.newDatabase();
      await make(database);
    });
    const admin = (...statements: string[]) => runSql(database.adminUrl, ...statements);

    for (const attribute of ['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'REPLICATION']) {
      it(`with ${attribute}`, async () => {
        await admin(`ALTER ROLE ${database.requestRole} ${attribute}`);
        await refuses(open(database), /CREATE ROLE omnispindle_requests LOGIN/, database.databaseUrl);
        await admin(`ALTER ROLE ${database.requestRole} NO${attribute}`);
        await (await open(database)).close();
      });
    }

    it('that owns the tables, or one of them, or a function', async () => {
      const { migrationUrl, requestRole, ownerRole } = database;
      await refuses(open({ ...database, databaseUrl: migrationUrl }), /owns the tables/, migrationUrl);
      for (const one of ['TABLE omnispindle.log_entry', 'FUNCTION omnispindle.owner_to_read(text, text)']) {
        await admin(`ALTER ${one} OWNER TO ${requestRole}`);
        await refuses(open(database), /owns the tables/);
        await admin(`ALTER ${one} OWNER TO ${ownerRole}`);
      }
      await make(database);
    });

    for (const options of [
      'INHERIT TRUE',
      'INHERIT FALSE, SET TRUE',
      'INHERIT FALSE, SET FALSE, ADMIN TRUE',
    ]) {
      it(`that is a member of their owner, also through another role: ${options}`, async () => {
        const { requestRole, ownerRole } = database;
        const between = `${requestRole}_between`;
        const [server] = await admin("SELECT current_setting('server_version_num')::integer AS version");
        // Before 16 a membership has no other options.
        const older = options.includes('ADMIN') ? 'WITH ADMIN OPTION' : '';
        const how = Number(server?.['version']) < 160_000 ? older : `WITH ${options}`;
        await admin(`GRANT ${ownerRole} TO ${requestRole} ${how}`);
        await refuses(open(database), new RegExp(`REVOKE "${ownerRole}" FROM "${requestRole}"`));
        await admin(
          `REVOKE ${ownerRole} FROM ${requestRole}`,
          `CREATE ROLE ${between}`,
          `GRANT ${ownerRole} TO ${between} ${how}`,
          `GRANT ${between} TO ${requestRole} ${how}`,
        );
        await refuses(open(database), new RegExp(`can become ${ownerRole}`));
        await admin(`DROP ROLE ${between}`);
        await (await open(database)).close();
      });
    }

    it('that is a member of one that passes by policies, or reads the server’s files', async () => {
      const mighty = `${database.requestRole}_mighty`;
      await admin(`CREATE ROLE ${mighty} BYPASSRLS`);
      for (const role of [mighty, 'pg_read_server_files', 'pg_execute_server_program']) {
        await admin(`GRANT ${role} TO ${database.requestRole}`);
        await refuses(open(database), new RegExp(`can become ${role}`));
        await admin(`REVOKE ${role} FROM ${database.requestRole}`);
      }
      await admin(`DROP ROLE ${mighty}`);
    });

    it('that takes another role when it connects', async () => {
      const { databaseUrl, ownerRole, requestRole } = database;
      await admin(`ALTER ROLE ${requestRole} BYPASSRLS`);
      const url = new URL(databaseUrl);
      url.searchParams.set('options', `-c role=${requestRole}`);
      await refuses(open({ ...database, databaseUrl: url.href }), /BYPASSRLS/);
      await admin(`ALTER ROLE ${requestRole} NOBYPASSRLS`);
      const asAdmin = new URL(database.adminUrl);
      asAdmin.searchParams.set('options', `-c role=${requestRole}`);
      await refuses(open({ ...database, databaseUrl: asAdmin.href }), /superuser/, asAdmin.href);
      assert.ok(ownerRole);
    });

    for (const privilege of ['TRUNCATE', 'REFERENCES', 'TRIGGER']) {
      it(`that has ${privilege}, to which no policy applies`, async () => {
        await admin(`GRANT ${privilege} ON omnispindle.todo TO PUBLIC`);
        await refuses(
          open(database),
          /REVOKE TRUNCATE, REFERENCES, TRIGGER ON omnispindle\.todo FROM PUBLIC/,
        );
        await admin(`REVOKE ${privilege} ON omnispindle.todo FROM PUBLIC`);
        await (await open(database)).close();
      });
    }

    for (const without of ['DISABLE', 'NO FORCE']) {
      it(`where a table is set to ${without} row-level security`, async () => {
        for (const table of ['owner', 'todo', 'todo_words', 'lesson', 'log_entry', 'project_count']) {
          await admin(`ALTER TABLE omnispindle.${table} ${without} ROW LEVEL SECURITY`);
          await refuses(open(database), new RegExp(`ALTER TABLE omnispindle\\.${table} ENABLE ROW`));
          await admin(`ALTER TABLE omnispindle.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
        }
        await (await open(database)).close();
      });
    }
  });

  it('says what to do where an address leads nowhere, without its password', async () => {
    const { databaseUrl } = await postgres.newDatabase();
    const wrong = (change: (url: URL) => unknown) => {
      const url = new URL(databaseUrl);
      change(url);
      return url.href;
    };
    for (const [url, says] of [
      [wrong(url => (url.port = '1')), /ECONNREFUSED/],
      [wrong(url => (url.password = 'secret-of-ada')), /28P01/],
      [wrong(url => (url.username = 'nobody_here')), /28P01|28000/],
      [wrong(url => (url.pathname = '/nowhere')), /3D000/],
    ] as const) {
      await refuses(openPostgresStore({ url, log: noLog }), says, url);
      await refuses(
        openPostgresStore({ url, log: noLog }),
        /Check that Postgres runs, that DATABASE_URL/,
        url,
      );
    }
    for (const url of [
      '',
      'secret-of-ada',
      'mysql://ada:secret-of-ada@host/db',
      'postgres://ada:secret-of-ada@h:x/y',
    ]) {
      await assert.rejects(openPostgresStore({ url, log: noLog }), error => {
        assert.ok(isOmnispindleError(error, 'invalid_settings'), String(error));
        assert.match(error.message, /^DATABASE_URL is no address of a Postgres database/);
        assert.ok(!`${error.message} ${String(error.cause)}`.includes('secret-of-ada'));
        // The address that it shows as an example is no secret, and is read as one wherever this is logged otherwise.
        assert.equal(redact(error.message), error.message);
        return true;
      });
    }
  });

  it('has one key for the logs of all replicas, by which its owner finds what an account is called', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const stores = [await open(database), await open(database)];
    const [one, two] = stores.map(({ logKey }) => logKey);
    assert.equal(one?.length, 32);
    assert.deepEqual(one, two);
    for (const { issuer, sub } of [
      { issuer: 'https://example.eu.auth0.com/', sub: 'auth0|ada' },
      { issuer: 'https://example.eu.auth0.com/', sub: "samlp|it's|ådå@例.example" },
    ]) {
      const [found] = await runSql(
        database.migrationUrl,
        `SELECT omnispindle.account_in_log('${issuer}', '${sub.replaceAll("'", "''")}') AS account`,
      );
      assert.equal(found?.['account'], pseudonymsBy(one)({ issuer, sub }));
    }
    const other = await postgres.newDatabase();
    await make(other);
    const elsewhere = await open(other);
    assert.notDeepEqual(elsewhere.logKey, one);
    await Promise.all([...stores, elsewhere].map(store => store.close()));
  });

  it('refuses a database whose encoding does not hold every text', async () => {
    const database = await postgres.newDatabase();
    const name = new URL(database.adminUrl).pathname.slice(1);
    await runSql(
      postgres.adminUrl,
      `CREATE DATABASE ${name}_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`,
    );
    const url = new URL(database.databaseUrl);
    url.pathname += '_ascii';
    await refuses(openPostgresStore({ url: url.href, log: noLog }), /SQL_ASCII.*ENCODING 'UTF8'/s);
    await runSql(postgres.adminUrl, `DROP DATABASE ${name}_ascii WITH (FORCE)`);
  });

  it('finds words by their own index alone, also where a connection has planned a search while there was nothing', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const scans = async () => {
      const [row] = await runSql(
        database.adminUrl,
        `SELECT (SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'todo_words') AS of_table,
           (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'todo_words_pkey') AS of_key,
           (SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'todo_words_by_word') AS of_words`,
      );
      return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
    };
    /** What a connection has counted is known some time after it has ended. */
    const scansWhere = async (isKnown: (counts: Awaited<ReturnType<typeof scans>>) => boolean) => {
      for (;;) {
        const counts = await scans();
        if (isKnown(counts)) return counts;
        await delay(50);
      }
    };
    // The planner knows then that there is nothing.
    await runSql(database.adminUrl, 'VACUUM (ANALYZE) omnispindle.todo_words');
    const reader = await open(database, { poolSize: 1 });
    const search = async () =>
      (await reader.of(ownerOf('ada')).searchTodos('spin', { limit: 5, offset: 0 })).total;
    assert.equal(await search(), 0);
    const writer = await open(database);
    for (let i = 0; i < 20; i++) {
      await writer.of(ownerOf('ada')).addTodo({ description: `Spin ${String(i)}`, project: 'wool' });
    }
    await writer.close();
    const before = await scansWhere(({ of_key = 0 }) => of_key >= 20);
    assert.equal(await search(), 20);
    await reader.close();
    assert.deepEqual(await scansWhere(({ of_words = 0 }) => of_words > 0), { ...before, of_words: 1 });
  });

  it('has a table in which requests are counted together', async () => {
    const database = await postgres.newDatabase();
    await make(database);
    const store = await open(database);
    const { RateLimiterPostgres } = await import('rate-limiter-flexible');
    const limiter = new RateLimiterPostgres({
      storeClient: store.pool,
      ...rateLimitTable,
      tableCreated: true,
      clearExpiredByTimeout: false,
      points: 2,
      duration: 60,
    });
    await limiter.consume('ada');
    assert.equal((await limiter.consume('ada')).remainingPoints, 0);
    await assert.rejects(limiter.consume('ada'), ({ remainingPoints }) => remainingPoints === 0);
    assert.equal((await limiter.consume('eve')).remainingPoints, 1);
    await limiter.delete('ada');
    await store.close();
  });
});
