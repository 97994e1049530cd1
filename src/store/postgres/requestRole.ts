import * as l10n from '@vscode/l10n';
import { sql } from 'kysely';
import { StoreError } from '../storeError.ts';
import type { Postgres } from './tables.ts';

/** Roles of Postgres itself that reach the server's files or programs, and so everything. */
const mightyRoles = ['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'];

/** @returns the role that requests connect as */
export async function requestRoleOf(database: Postgres): Promise<string> {
  const { rows } = await sql<{ role: string }>`SELECT session_user AS role`.execute(database);
  return rows[0]?.role ?? '';
}

/**
 * Looks whether policies keep people apart whatever a request does: whether its role neither passes by them, nor could
 * become one that does, and whether every table has them.
 * @throws StoreError `unavailable` where they do not, with the SQL to run
 */
export async function checkRequestRole(database: Postgres): Promise<void> {
  const role = await requestRoleOf(database);
  const { rows: mighty } = await sql<{ name: string }>`
    WITH owners AS (
      SELECT nspowner AS id FROM pg_catalog.pg_namespace WHERE nspname = 'omnispindle'
      UNION SELECT relowner FROM pg_catalog.pg_class
        WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'omnispindle')
      UNION SELECT proowner FROM pg_catalog.pg_proc
        WHERE pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'omnispindle')
    )
    SELECT rolname AS name FROM pg_catalog.pg_roles
    WHERE (rolname = ${role} OR rolname = current_user OR pg_has_role(${role}::name, oid, 'MEMBER'))
      AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication OR rolname = ANY (${mightyRoles}::text[])
        OR oid IN (SELECT id FROM owners))
    ORDER BY rolname <> ${role}, rolname LIMIT 1`.execute(database);
  const [first] = mighty;
  if (first) throw tooMighty(role, first.name);
  const { rows: tables } = await sql<{ name: string; isOpen: boolean }>`
    SELECT relname AS name, NOT (relrowsecurity AND relforcerowsecurity) AS "isOpen" FROM pg_catalog.pg_class
    WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'omnispindle')
      AND relkind IN ('r', 'p') AND (NOT (relrowsecurity AND relforcerowsecurity)
        OR has_table_privilege(${role}::name, oid, 'TRUNCATE, REFERENCES, TRIGGER'))
    ORDER BY relname LIMIT 1`.execute(database);
  const [table] = tables;
  if (table) throw table.isOpen ? notSecured(table.name) : grantedTooMuch(role, table.name);
}

function tooMighty(role: string, other: string): StoreError {
  const create = `CREATE ROLE omnispindle_requests LOGIN PASSWORD '…' NOSUPERUSER NOBYPASSRLS NOCREATEROLE;`;
  return new StoreError(
    'unavailable',
    role === other
      ? l10n.t(
          'The database role {0} of DATABASE_URL passes by the policies that keep people apart, or can change them: it is a superuser, has BYPASSRLS, CREATEROLE or REPLICATION, or owns the tables. Requests run as another role. Make one with: {1} Then put it into DATABASE_URL, and start once with DATABASE_MIGRATION_URL.',
          role,
          create,
        )
      : l10n.t(
          'The database role {0} of DATABASE_URL can become {1}, which passes by the policies that keep people apart, or can change them. Take that away with: {2} Or make another role with: {3} Then put it into DATABASE_URL, and start once with DATABASE_MIGRATION_URL.',
          role,
          other,
          `REVOKE "${other}" FROM "${role}";`,
          create,
        ),
  );
}

function notSecured(table: string): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'Row-level security is not in force on the table {0}, so that nothing but our statements keeps people apart. As its owner, run: {1}',
      `omnispindle.${table}`,
      `ALTER TABLE omnispindle.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;`,
    ),
  );
}

function grantedTooMuch(role: string, table: string): StoreError {
  return new StoreError(
    'unavailable',
    l10n.t(
      'The database role {0} of DATABASE_URL may do to the table {1} what no policy keeps to its own rows. As its owner, run: {2}',
      role,
      `omnispindle.${table}`,
      `REVOKE TRUNCATE, REFERENCES, TRIGGER ON omnispindle.${table} FROM PUBLIC, "${role}";`,
    ),
  );
}
