import * as l10n from '@vscode/l10n';
import { sql, type Transaction } from 'kysely';
import { StoreError } from '../storeError.ts';
import type { Postgres, Tables } from './tables.ts';

/** What requests need, and no more: the log only grows, and owners are found by functions alone. */
const needed: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['todo', 'todo_words', 'lesson', 'lesson_words', 'project_count', 'rate_limit'].map(table => [
      table,
      ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    ]),
  ),
  log_entry: ['SELECT', 'INSERT'],
  kysely_migration: ['SELECT'],
  log_key: ['SELECT'],
};

/** Grants the role of requests what it needs, as who owns the tables. */
export async function grantToRequests(transaction: Transaction<Tables>, requestRole: string): Promise<void> {
  const role = sql.id(requestRole);
  for (const statement of [
    sql`REVOKE ALL ON ALL FUNCTIONS IN SCHEMA omnispindle FROM PUBLIC`,
    sql`GRANT USAGE ON SCHEMA omnispindle TO ${role}`,
    sql`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA omnispindle TO ${role}`,
    ...Object.entries(needed).map(
      ([table, privileges]) =>
        sql`GRANT ${sql.raw(privileges.join(', '))} ON ${sql.id('omnispindle', table)} TO ${role}`,
    ),
  ]) {
    await statement.execute(transaction);
  }
}

/**
 * Looks whether requests find all tables, and may do what they must: a start says it, and not the first call.
 * @throws StoreError `unavailable` where they may not, with what to do
 */
export async function checkGrants(database: Postgres): Promise<void> {
  const wanted = Object.entries(needed).flatMap(([table, privileges]) =>
    privileges.map(privilege => sql`(${table}::text, ${privilege}::text)`),
  );
  const { rows } = await sql<{ name: string; privilege: string; isGone: boolean; role: string }>`
    WITH schema AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'omnispindle')
    SELECT name, privilege, pg_class.oid IS NULL AS "isGone", current_user AS role
    FROM (VALUES ${sql.join(wanted)}) AS wanted (name, privilege)
    LEFT JOIN pg_catalog.pg_class ON relname = name AND relnamespace = (SELECT oid FROM schema)
    WHERE pg_class.oid IS NULL OR NOT has_table_privilege(pg_class.oid, privilege)
    UNION ALL
    SELECT oid::regprocedure::text, 'EXECUTE', false, current_user FROM pg_catalog.pg_proc
    WHERE pronamespace = (SELECT oid FROM schema) AND NOT has_function_privilege(oid, 'EXECUTE')
    LIMIT 1`.execute(database);
  const [first] = rows;
  if (!first) return;
  const { name, privilege, isGone, role } = first;
  throw new StoreError(
    'unavailable',
    isGone
      ? l10n.t(
          'The todo database has no table {0}, although its schema is the one of this version: somebody has removed it. Restore it from a backup.',
          `omnispindle.${name}`,
        )
      : l10n.t(
          'The database role {0} of DATABASE_URL lacks the privilege {1} for {2}. Start once with DATABASE_MIGRATION_URL, which gives it all that it needs.',
          role,
          privilege,
          privilege === 'EXECUTE' ? name : `omnispindle.${name}`,
        ),
  );
}
