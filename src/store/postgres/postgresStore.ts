import { sql } from 'kysely';
import type pg from 'pg';
import type { Log } from '../../common/log.ts';
import { createStore, type StoreRules } from '../createStore.ts';
import type { StoreEngine } from '../engine.ts';
import type { Store } from '../store.ts';
import { checkDatabase } from './checkDatabase.ts';
import { openPool, poolLimits, type PoolLimits } from './connect.ts';
import { explain, explainMigration } from './explain.ts';
import type { OwnerFilter } from './filters.ts';
import { lessonRows } from './lessonRows.ts';
import { localSettings } from './localSettings.ts';
import { checkSchema, migrate } from './migrate.ts';
import { recordRows } from './recordRows.ts';
import { checkGrants } from './requestGrants.ts';
import { checkRequestRole, requestRoleOf } from './requestRole.ts';
import { databaseIdOf, otherDatabase } from './sameDatabase.ts';
import type { Postgres } from './tables.ts';
import { logRows, projectRows, todoRows } from './todoRows.ts';
import { transactionsOf } from './transaction.ts';

/** How a Postgres store is opened. */
export interface PostgresOptions extends Partial<PoolLimits>, StoreRules {
  /** The database's address with the role that requests run as. */
  readonly url: string;
  /** The same with the role that owns the tables, which are brought up to date where it is given. */
  readonly migrationUrl?: string | undefined;
  readonly log: Log;
  /** How long a step of the schema may take, with the wait for another replica's (ms); half an hour by default. */
  readonly migrationTimeout?: number;
  /** Told which steps of the schema were taken; none where it was up to date. */
  readonly onMigrated?: (steps: readonly string[]) => void;
}

/** A store for many people, which any number of replicas open. */
export interface PostgresStore extends Store {
  /** Asks the database whether it answers. @throws StoreError where it does not */
  check(): Promise<void>;
  /** The connections, for what else replicas share. */
  readonly pool: pg.Pool;
  /** The key by which all replicas call an account the same in their logs. */
  readonly logKey: Buffer;
}

/**
 * Opens the store in Postgres, once its tables are those of this version, and its role is kept to one person's rows at a
 * time.
 * @throws StoreError `unavailable` or `busy`, with what to do
 * @throws OmnispindleError `invalid_settings` where an address is wrong
 * @example
 * import { noLog } from '../../common/log.ts';
 * import { openPostgresStore } from './postgresStore.ts';
 *
 * const store = await openPostgresStore({ url: 'postgres://requests:secret@localhost/omnispindle', log: noLog });
 * await store.of({ issuer: 'https://example.eu.auth0.com/', sub: 'auth0|ada' }).listProjects({ limit: 10, offset: 0 });
 * await store.close();
 */
export async function openPostgresStore(options: PostgresOptions): Promise<PostgresStore> {
  const { engine, ...shared } = await openPostgresEngine(options);
  return { ...createStore(engine, options), ...shared };
}

/** What {@link openPostgresStore} stands on. @param ownerFilter whether statements say whose rows they want, too */
export async function openPostgresEngine(
  {
    url,
    migrationUrl,
    log,
    migrationTimeout = 1_800_000,
    onMigrated = () => undefined,
    ...limits
  }: PostgresOptions,
  ownerFilter: OwnerFilter = 'stated',
): Promise<{ engine: StoreEngine } & Pick<PostgresStore, 'pool' | 'check' | 'logKey'>> {
  const poolOptions = { ...poolLimits, ...limits };
  const { pool, database } = openPool(url, 'DATABASE_URL', poolOptions, log);
  const settings = localSettings(poolOptions);
  const look = <T>(work: (transaction: Postgres) => Promise<T>) =>
    database
      .transaction()
      .setAccessMode('read only')
      .execute(async transaction => {
        await sql.raw(settings).execute(transaction);
        return work(transaction);
      });
  let logKey: Buffer;
  try {
    await look(checkDatabase);
    if (migrationUrl !== undefined) {
      const id = await look(databaseIdOf).catch(nobodyMayKnow);
      const requests = { id, role: await look(requestRoleOf) };
      onMigrated(await migrateAs(migrationUrl, requests, migrationTimeout, log));
    }
    logKey = await look(async transaction => {
      await checkSchema(transaction);
      await checkRequestRole(transaction);
      await checkGrants(transaction);
      const row = transaction.selectFrom('omnispindle.log_key').select('key');
      return (await row.executeTakeFirstOrThrow()).key;
    });
  } catch (error) {
    await pool.end();
    throw explain(error);
  }
  return {
    pool,
    logKey,
    async check() {
      // What is sent together is one transaction.
      const statements = sql.raw(`${settings}; SELECT FROM omnispindle.kysely_migration`);
      await statements.execute(database).catch((error: unknown) => {
        throw explain(error);
      });
    },
    engine: {
      of(owner) {
        const place = { transact: transactionsOf(database, owner, poolOptions), ownerFilter };
        return {
          todos: todoRows(place),
          logs: logRows(place),
          projects: projectRows(place),
          lessons: lessonRows(place),
          records: recordRows(place),
        };
      },
      close: () => pool.end(),
    },
  };
}

/** Some hosts of databases may take that right away. */
const nobodyMayKnow = () => undefined;

/** Brings the tables up to date as their owner, in the database that requests reach, for the role that they run as. */
async function migrateAs(
  url: string,
  requests: { readonly id: string | undefined; readonly role: string },
  timeout: number,
  log: Log,
): Promise<readonly string[]> {
  // Kysely gives up its lock by a statement that fails after another one has, and tells that error.
  let first: unknown;
  const limits = {
    poolSize: 1,
    connectionTimeout: poolLimits.connectionTimeout,
    statementTimeout: timeout,
    lockTimeout: timeout,
    idleInTransactionTimeout: timeout,
  };
  const { pool, database } = openPool(url, 'DATABASE_MIGRATION_URL', limits, log, error => {
    first ??= error;
  });
  try {
    const id = await databaseIdOf(database).catch(nobodyMayKnow);
    first = undefined;
    if (id !== undefined && requests.id !== undefined && id !== requests.id) throw otherDatabase();
    return await migrate(database, requests.role, limits);
  } catch (error) {
    throw explainMigration(first ?? error);
  } finally {
    await pool.end();
  }
}
