import * as l10n from '@vscode/l10n';
import { sql } from 'kysely';
import { StoreError } from '../storeError.ts';
import { readOnly } from './explain.ts';
import type { Postgres } from './tables.ts';

/** The oldest version of Postgres that this is tried with. */
const oldest = 15;

/** What a server says of itself. */
export interface ServerFacts {
  /** As `server_version_num` has it, for example 180004. */
  readonly version: number;
  readonly encoding: string;
  readonly isStandby: boolean;
}

/**
 * Looks whether a database can be used at all.
 * @throws StoreError `unavailable` where it cannot, with what to do
 */
export async function checkDatabase(database: Postgres): Promise<void> {
  const { rows } = await sql<ServerFacts>`
    SELECT pg_catalog.current_setting('server_version_num')::integer AS version,
      pg_catalog.current_setting('server_encoding') AS encoding,
      pg_catalog.pg_is_in_recovery() AS "isStandby"`.execute(database);
  if (rows[0]) checkFacts(rows[0]);
}

/**
 * Says whether such a server can be used.
 * @throws StoreError as {@link checkDatabase}
 */
export function checkFacts({ version, encoding, isStandby }: ServerFacts): void {
  const major = Math.floor(version / 10_000);
  if (major < oldest) {
    throw new StoreError(
      'unavailable',
      l10n.t(
        'The todo database is in Postgres {0}, and Omnispindle needs {1} or newer. Update it, or give the address of another one.',
        String(major),
        String(oldest),
      ),
    );
  }
  if (isStandby) throw readOnly('DATABASE_URL');
  if (encoding === 'UTF8') return;
  throw new StoreError(
    'unavailable',
    l10n.t(
      'The todo database has the encoding {0}, which does not hold every text. Make one with: {1}',
      encoding,
      "CREATE DATABASE omnispindle TEMPLATE template0 ENCODING 'UTF8';",
    ),
  );
}
