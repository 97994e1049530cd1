import type { PoolLimits } from './connect.ts';

/** How long a transaction may take with what (ms). */
export type TransactionLimits = Pick<
  PoolLimits,
  'statementTimeout' | 'lockTimeout' | 'idleInTransactionTimeout'
>;

/**
 * What our statements stand on, whatever somebody has set for the role or the database: names mean those of Postgres, a
 * backslash is a backslash, policies apply, and an index gives all that it has.
 */
const language = {
  search_path: 'pg_catalog, pg_temp',
  standard_conforming_strings: 'on',
  row_security: 'on',
  // Else a search leaves some out by chance.
  gin_fuzzy_search_limit: '0',
};

/**
 * The statement that sets, for the transaction that it is in, its limits and what our statements stand on. Not for the
 * connection: a pooler like PgBouncer, which gives each transaction another one, refuses settings of a connection at its
 * start, and would leave later ones to other programs.
 */
export function localSettings(
  { statementTimeout, lockTimeout, idleInTransactionTimeout }: TransactionLimits,
  more: Readonly<Record<string, string>> = {},
): string {
  const settings = {
    ...language,
    statement_timeout: String(statementTimeout),
    lock_timeout: String(lockTimeout),
    idle_in_transaction_session_timeout: String(idleInTransactionTimeout),
    ...more,
  };
  const each = Object.entries(settings).map(
    ([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`,
  );
  return `SELECT ${each.join(', ')}`;
}
