import * as l10n from '@vscode/l10n';
import { sql, type Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { StoreError } from '../storeError.ts';
import { localSettings, type TransactionLimits } from './localSettings.ts';
import { createTables } from './migrations/first.ts';
import { createLogKey } from './migrations/logKey.ts';
import { grantToRequests } from './requestGrants.ts';
import type { Postgres, Tables } from './tables.ts';

/** The schema, step by step; their names are in order. Steps that have been released are never changed. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001_first': { up: createTables },
  '0002_log_key': { up: createLogKey },
};

const schema = 'omnispindle';
/** What brings them up to date, for whoever runs a server. */
const migrateCommand = 'omnispindle serve --http --migrate-only';
/** Which advisory lock replicas that start together wait for: any number that nobody else takes. */
const lock = 7_463_258_211;

/**
 * Brings the schema up to date in one transaction, by one of any number of replicas at a time, and grants the role of
 * requests what it needs. A newer schema is not touched.
 * @returns the names of the steps that were taken
 * @throws StoreError `unavailable` where it is newer
 */
export async function migrate(
  database: Postgres,
  requestRole: string,
  limits: TransactionLimits,
): Promise<readonly string[]> {
  const begun = database.transaction().setAccessMode('read write');
  return begun.execute(async transaction => {
    await sql.raw(localSettings(limits)).execute(transaction);
    await sql`SELECT pg_advisory_xact_lock(${lock}::bigint)`.execute(transaction);
    const done = (await doneMigrations(transaction)) ?? [];
    refuseNewer(done);
    const pending = pendingAfter(done);
    if (pending.length > 0) await run(transaction);
    await grantToRequests(transaction, requestRole);
    return pending;
  });
}

/**
 * Looks whether the schema is the one that this version needs.
 * @throws StoreError `unavailable` where it is older, newer or not there, with what to do
 */
export async function checkSchema(database: Postgres): Promise<void> {
  const done = await doneMigrations(database);
  refuseNewer(done ?? []);
  if (pendingAfter(done ?? []).length === 0) return;
  throw new StoreError(
    'unavailable',
    done
      ? l10n.t(
          'The tables of the todo database are those of an older Omnispindle; nothing of them was touched. To bring them up to date, set DATABASE_MIGRATION_URL to the address with the role that owns them, and run: {0}',
          migrateCommand,
        )
      : l10n.t(
          'The todo database has no tables yet, or its role may not see them. To make them, and to give the role of DATABASE_URL what it needs, set DATABASE_MIGRATION_URL to the address of the same database with the role that owns them, or is to own them, and run: {0}',
          migrateCommand,
        ),
  );
}

async function run(transaction: Transaction<Tables>): Promise<void> {
  const { error } = await new Migrator({
    db: transaction,
    provider: { getMigrations: async () => migrations },
    migrationTableSchema: schema,
  }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** @returns the names of the steps that were taken; undefined where there is nothing to be seen */
async function doneMigrations(database: Postgres): Promise<string[] | undefined> {
  const { rows } = await sql<{ isThere: boolean }>`
    SELECT count(*) > 0 AS "isThere" FROM pg_catalog.pg_class
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = ${schema} AND relname = 'kysely_migration'
      AND has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')`.execute(
    database,
  );
  if (!rows[0]?.isThere) return undefined;
  const done = await database.selectFrom('omnispindle.kysely_migration').select('name').execute();
  return done.map(({ name }) => name);
}

function refuseNewer(done: readonly string[]): void {
  if (done.every(name => Object.hasOwn(migrations, name))) return;
  throw new StoreError(
    'unavailable',
    l10n.t(
      'The tables of the todo database were made by a newer Omnispindle; nothing of them was touched. Update this one, here and on every replica.',
    ),
  );
}

function pendingAfter(done: readonly string[]): string[] {
  return Object.keys(migrations).filter(name => !done.includes(name));
}
