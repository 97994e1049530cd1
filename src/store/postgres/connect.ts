import { Kysely, PostgresDialect, type LogEvent, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { codeOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import { checkedAddress } from './address.ts';
import type { Postgres, Tables } from './tables.ts';

/** What a server may keep waiting, and how many. Times are in ms. */
export interface PoolLimits {
  /** Connections at most. */
  readonly poolSize: number;
  /** How long a request waits for a connection. */
  readonly connectionTimeout: number;
  /** How long one statement may run. */
  readonly statementTimeout: number;
  /** How long a statement waits for a lock. */
  readonly lockTimeout: number;
  /** How long a transaction may stand still before the database ends it. */
  readonly idleInTransactionTimeout: number;
}

/** What is right for a server with people in front of it. */
export const poolLimits: PoolLimits = {
  poolSize: 10,
  connectionTimeout: 5_000,
  statementTimeout: 15_000,
  lockTimeout: 5_000,
  idleInTransactionTimeout: 15_000,
};

/** How long the network may keep an answer longer than the database may take for it (ms). */
const networkDelay = 5_000;

/** Connections to a database, with what makes statements for them. */
export interface Connections {
  readonly pool: pg.Pool;
  readonly database: Postgres;
}

/**
 * Opens a pool; the first connection is made when it is first needed. It sets nothing for a connection: transactions set
 * their limits (`localSettings`).
 * @param variable the name of the environment variable that the address comes from
 * @param onError told of each statement that fails
 * @throws OmnispindleError `invalid_settings` where the address is wrong; it never shows it, because of the password
 */
export function openPool(
  url: string,
  variable: string,
  limits: PoolLimits,
  log: Log,
  onError?: (error: unknown) => void,
): Connections {
  const pool = new pg.Pool({
    connectionString: checkedAddress(url, variable),
    application_name: 'omnispindle',
    keepAlive: true,
    max: limits.poolSize,
    connectionTimeoutMillis: limits.connectionTimeout,
    query_timeout: limits.statementTimeout + networkDelay,
  });
  // A connection that ends while nobody waits for it would end the process.
  pool.on('error', error => {
    log.debug(`A connection to the database has ended (${codeOf(error)}).`);
  });
  pool.on('connect', client => {
    client.on('error', () => undefined);
  });
  const dialect = new PostgresDialect({
    pool: { connect: async () => guarded(await pool.connect()), end: () => pool.end(), options: {} },
  });
  const database = new Kysely<Tables>({
    dialect,
    // Not without need: each statement would be timed.
    ...(onError && {
      log(event: LogEvent) {
        if (event.level === 'error') onError(event.error);
      },
    }),
  });
  return { pool, database };
}

/** A connection as Kysely wants it, which leaves the pool where an answer of it may still be under way. */
function guarded(client: pg.PoolClient): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
    // It would wait for that answer.
    if (broken) throw broken;
    try {
      const result: unknown = await client.query(text, [...values]);
      // Of several statements that were sent together, the last one has the answer.
      return Array.isArray(result) ? result.at(-1) : result;
    } catch (error) {
      // What the database itself has answered leaves the connection as it was.
      if (!(error instanceof pg.DatabaseError)) broken = error as Error;
      throw error;
    }
  };
  const release = (destroy?: boolean) => {
    client.release(broken ?? destroy);
  };
  return { query, release } as unknown as PostgresPoolClient;
}
