import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import type { Owner } from '../store.ts';
import { explain, isLost, isWorthAnotherTry, unknownEnd } from './explain.ts';
import { localSettings, type TransactionLimits } from './localSettings.ts';
import type { Postgres } from './tables.ts';
import { toText } from './text.ts';

/** How often a transaction is done, where others were in its way. */
const mostTries = 4;
/** Before another try (ms); at most so long, and longer each time. */
const longestPause = 50;

/**
 * Each list has an index that has its rows in its order. Without this a planner whose statistics are old, or that takes
 * rows of everybody for mixed, reads all that others have.
 */
const byIndex = { enable_seqscan: 'off', enable_bitmapscan: 'off', enable_sort: 'off', jit: 'off' };

/** A transaction in which nothing is to be seen but what one owner has. */
export interface OwnerTransaction {
  readonly database: Postgres;
  /** The owner's number; 0 for one who has never written anything. */
  readonly owner: number;
}

/** Runs work in a transaction of one owner; it may be run more than once. @throws StoreError */
export type Transact = <T>(
  access: 'read' | 'write',
  work: (transaction: OwnerTransaction) => Promise<T>,
) => Promise<T>;

/** That a connection, which the pool has kept for a while, was gone before a transaction began. */
class NotBegunError extends Error {
  override readonly name = 'NotBegunError';

  constructor(cause: unknown) {
    super('The connection was gone before the transaction began.', { cause });
  }
}

/**
 * Transactions of one owner: policies show them this owner's rows alone. A write holds the owner's row, so that writes
 * of one person come one after the other and have no deadlock among them.
 */
export function transactionsOf(
  database: Postgres,
  { issuer, sub }: Owner,
  limits: TransactionLimits,
): Transact {
  const settings = localSettings(limits, byIndex);
  const person = [issuer, sub].map(name => pg.escapeLiteral(toText(name))).join(', ');
  const begin = (access: 'read' | 'write') =>
    sql<{ owner: string }>`${sql.raw(`
    BEGIN ISOLATION LEVEL READ COMMITTED, READ ${access === 'read' ? 'ONLY' : 'WRITE'};
    ${settings};
    SELECT set_config('omnispindle.owner', omnispindle.owner_to_${access}(${person})::text, true) AS owner`)}`;

  async function once<T>(
    connection: Postgres,
    access: 'read' | 'write',
    work: (transaction: OwnerTransaction) => Promise<T>,
  ): Promise<T> {
    try {
      const { rows } = await begin(access)
        .execute(connection)
        .catch((cause: unknown) => {
          throw isLost(cause) ? new NotBegunError(cause) : cause;
        });
      const result = await work({ database: connection, owner: Number(rows[0]?.owner) });
      await commit(connection);
      return result;
    } catch (error) {
      // The first error is the one that helps; a connection that is gone has rolled back.
      await sql`ROLLBACK`.execute(connection).catch(() => undefined);
      throw error;
    }
  }

  async function commit(connection: Postgres): Promise<void> {
    try {
      await sql`COMMIT`.execute(connection);
    } catch (error) {
      throw isLost(error) ? unknownEnd(error) : error;
    }
  }

  return async (access, work) => {
    for (let tries = 1; ; tries++) {
      try {
        return await database.connection().execute(connection => once(connection, access, work));
      } catch (error) {
        const cause = error instanceof NotBegunError ? error.cause : error;
        if (tries === mostTries || (cause === error && !isWorthAnotherTry(error))) throw explain(cause);
        await delay(Math.random() * longestPause * tries);
      }
    }
  };
}
