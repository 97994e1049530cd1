import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../freePort.ts';
import { runSql, startPostgres, type TestDatabase, type TestPostgres } from '../postgres.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, start, type Ran, type Started } from './fixtures.ts';

describe('omnispindle serve --http --migrate-only', () => {
  const given = useUser();
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  const surroundings = (env: Record<string, string>) => ({
    tenant: given.tenant,
    directory: given.directory,
    env: { OMNISPINDLE_STOP_DELAY: '0', ...env },
  });
  const served = ({ databaseUrl }: TestDatabase) => ({ DATABASE_URL: databaseUrl });
  const owned = (database: TestDatabase) => ({
    ...served(database),
    DATABASE_MIGRATION_URL: database.migrationUrl,
  });
  const migrateOnly = (env: Record<string, string>): Promise<Ran> =>
    run(surroundings(env), 'serve', '--http', '--migrate-only');
  const serve = async (env: Record<string, string>): Promise<Started> =>
    start(surroundings(env), 'serve', '--http', '--port', String(await freePort()));
  /** What it logged, each line as JSON. */
  const said = ({ stderr }: Ran) =>
    stderr
      .trim()
      .split('\n')
      .map(line => (JSON.parse(line) as { msg: string }).msg);
  const schemas = ({ adminUrl }: TestDatabase) =>
    runSql(adminUrl, "SELECT 1 FROM pg_namespace WHERE nspname = 'omnispindle'");

  it('makes the tables once, however many run at a time, for servers that have no secret of their owner', async () => {
    const database = await postgres.newDatabase();
    const early = await run(surroundings(served(database)), 'serve', '--http', '--port', '1');
    assert.equal(early.code, 1);
    assert.match(early.stderr, /DATABASE_MIGRATION_URL[^]*omnispindle\s+serve\s+--http\s+--migrate-only/);

    const both = await Promise.all([migrateOnly(owned(database)), migrateOnly(owned(database))]);
    for (const { code, stdout, stderr } of both) {
      assert.equal(code, 0, stderr);
      assert.equal(stdout, '');
      for (const url of [database.databaseUrl, database.migrationUrl]) {
        assert.ok(!stderr.includes(new URL(url).password));
      }
    }
    const [second, first] = both.map(one => said(one).join('\n')).sort();
    assert.match(first ?? '', /^The tables .* were up to date already\.$/);
    assert.match(second ?? '', /^The tables .* are up to date now\. Steps taken: 0001_first\b/);

    const server = await serve(served(database));
    await server.says(/listens at/);
    process.kill(server.pid, 'SIGTERM');
    assert.equal((await server.ended).code, 0);
  });

  it('takes its settings from the file that --env-file names, as the server does', async () => {
    const database = await postgres.newDatabase();
    const file = join(given.directory, 'team.env');
    const port = String(await freePort());
    const write = (settings: Record<string, string>) => {
      const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(file, lines.join(''), { mode: 0o600 });
    };
    write(owned(database));
    const migrated = await run(surroundings({}), 'serve', '--http', '--migrate-only', '-e', file);
    assert.equal(migrated.code, 0, migrated.stderr);
    write({ ...served(database), OMNISPINDLE_PORT: port, HTTPS_PROXY: 'http://proxy.example:3128' });
    const server = start(surroundings({}), 'serve', '--http', '-e', file);
    await server.says(/listens at/);
    assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200);
    process.kill(server.pid, 'SIGTERM');
    const { code, stderr } = await server.ended;
    assert.equal(code, 0);
    assert.match(stderr, /"level":"warn".*team\.env sets HTTPS_PROXY, which counts in the environment alone/);

    write({ DATABASE_URL: 'postgres://requests:s3cr3t@db:none/x' });
    for (const args of [[], ['--migrate-only']]) {
      const refused = await run(surroundings({}), 'serve', '--http', ...args, '-e', file);
      assert.equal(refused.code, 2);
      if (args.length === 0) {
        assert.ok(
          refused.stderr.startsWith(`omnispindle: ${file}: DATABASE_URL is no address`),
          refused.stderr,
        );
      }
      assert.ok(!refused.stderr.includes('s3cr3t'));
    }
  });

  it('leaves nothing of it where it is ended in the middle', async () => {
    const database = await postgres.newDatabase();
    const other = new pg.Client({ connectionString: database.adminUrl });
    await other.connect();
    // As another replica that is at work.
    await other.query('BEGIN');
    await other.query('CREATE SCHEMA omnispindle');
    const started = start(surroundings(owned(database)), 'serve', '--http', '--migrate-only');
    const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await runSql(database.adminUrl, waits)).length === 0) await delay(20);
    process.kill(started.pid, 'SIGTERM');
    assert.equal((await started.ended).code, 143);
    await other.query('ROLLBACK');
    await other.end();
    while ((await runSql(database.adminUrl, waits)).length > 0) await delay(20);
    assert.deepEqual(await schemas(database), []);
    assert.equal((await migrateOnly(owned(database))).code, 0);
  });

  it('touches nothing of a newer version', async () => {
    const database = await postgres.newDatabase();
    assert.equal((await migrateOnly(owned(database))).code, 0);
    const later =
      "INSERT INTO omnispindle.kysely_migration VALUES ('9999_later', '2030-01-01T00:00:00.000Z')";
    await runSql(database.adminUrl, later);
    const { code, stderr } = await migrateOnly(owned(database));
    assert.equal(code, 1);
    assert.match(stderr.replaceAll(/\s+/g, ' '), /made by a newer Omnispindle; nothing of them was touched/);
  });

  it('says what is missing, and never what is there', async () => {
    const database = await postgres.newDatabase();
    const wrongRole = { ...owned(database), DATABASE_MIGRATION_URL: database.databaseUrl };
    const wrongPassword = new URL(database.migrationUrl);
    wrongPassword.password = 's3cr3t-of-ada';
    for (const [env, code, saying] of [
      [{}, 2, /^omnispindle: --migrate-only needs .* DATABASE_URL .* DATABASE_MIGRATION_URL /],
      [served(database), 2, /^omnispindle: --migrate-only needs .* DATABASE_MIGRATION_URL /],
      [{ DATABASE_MIGRATION_URL: database.migrationUrl }, 2, /DATABASE_URL is not/],
      [wrongRole, 1, /could not be brought up to date \(42501 .*DATABASE_MIGRATION_URL/],
      [
        { ...owned(database), DATABASE_MIGRATION_URL: wrongPassword.href },
        1,
        /could not be brought up to date \(28P01 .*DATABASE_MIGRATION_URL/,
      ],
    ] as const) {
      const ended = await migrateOnly(env);
      const text = ended.stderr.replaceAll(/\s+/g, ' ');
      assert.equal(ended.code, code, text);
      assert.match(text, saying);
      for (const url of [...Object.values(env), wrongPassword.href]) {
        assert.ok(!text.includes(new URL(url).password), text);
      }
    }
    assert.deepEqual(await schemas(database), []);
  });

  it('is of HTTP alone', async () => {
    const { code, stderr } = await run(surroundings({}), 'serve', '--migrate-only');
    assert.equal(code, 2);
    assert.match(stderr, /--migrate-only needs --http/);
  });
});
