import * as l10n from '@vscode/l10n';
import { sql } from 'kysely';
import { OmnispindleError } from '../../common/errors.ts';
import type { Postgres } from './tables.ts';

/**
 * Which database this is, whatever address led to it: the number that its cluster got when it was made (PostgreSQL
 * documentation, `pg_control_system`), and its own.
 */
export async function databaseIdOf(database: Postgres): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    SELECT system_identifier || '/' || oid AS id FROM pg_catalog.pg_control_system(), pg_catalog.pg_database
    WHERE datname = current_database()`.execute(database);
  return rows[0]?.id ?? '';
}

/** The error where the two addresses lead to different databases: tables would be made where nobody looks for them. */
export function otherDatabase(): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'DATABASE_MIGRATION_URL leads to another database than DATABASE_URL; nothing was changed in either. Correct one of them.',
    ),
  );
}
