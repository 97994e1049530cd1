import type { Owner } from '../store.ts';
import type { RowCounts } from './countRows.ts';
import { readDatabase, type Database } from './database.ts';
import { ownerVersion } from './migrations.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';

/** Who has todos or lessons in a database, and how many. */
export interface OwnerCounts extends Owner, RowCounts {}

const countOf = (table: string) => `(SELECT count(*) FROM ${table} WHERE ${table}.owner = owner.id)`;

/**
 * Who has todos or lessons in a database, the one who came first being first; nobody where it is of a version before
 * owners had numbers, which its next opening brings up to date.
 * @throws StoreError
 */
export function countOwners(path: string): OwnerCounts[] {
  if (!proveDatabase(path) || schemaVersion(path) < ownerVersion) return [];
  const database = readDatabase(path);
  try {
    return readOwnerCounts(
      database,
      `SELECT issuer, sub, ${countOf('todo')} AS todos, ${countOf('lesson')} AS lessons FROM owner ORDER BY id`,
    );
  } finally {
    database.close();
  }
}

/** Those who have something. @param statement gives `issuer`, `sub`, `todos` and `lessons` */
export function readOwnerCounts(database: Database, statement: string): OwnerCounts[] {
  return database
    .all(statement)
    .map(row => ({
      issuer: String(row['issuer']),
      sub: String(row['sub']),
      todos: Number(row['todos']),
      lessons: Number(row['lessons']),
    }))
    .filter(({ todos, lessons }) => todos + lessons > 0);
}
