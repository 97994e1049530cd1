import { openDatabase } from './database.ts';
import { issuerVersion } from './migrations.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';
import type { Owner } from '../store.ts';

/** What was given to the default tenant of one `sub`, because no kept session, or several, said whose it was. */
export interface GivenRows {
  readonly sub: string;
  /** The default tenant's issuer at that time. */
  readonly issuer: string;
  /** How many of these are still there. */
  readonly todos: number;
  readonly lessons: number;
}

/** Everything that was given, with the time that says what of it was there then. */
const givenTables = { todos: 'created_at', logs: 'at', lessons: 'created_at' };

/** Rows count that were there when they were given; what was written later has the issuer it shall have. */
const given = (table: string) => `(SELECT count(*) FROM ${table}
  WHERE ${table}.issuer = given_to_default.issuer AND ${table}.sub = given_to_default.sub
    AND created_at <= given_to_default.at)`;

/**
 * What the migration has given to the default tenant and is still there. Nothing is changed, and a database
 * that is not up to date has none.
 * @throws StoreError
 */
export function rowsGivenToDefault(path: string): GivenRows[] {
  if (!proveDatabase(path) || schemaVersion(path) < issuerVersion) return [];
  const database = openDatabase(path);
  try {
    return database
      .all(
        `SELECT sub, issuer, ${given('todos')} AS todos, ${given('lessons')} AS lessons
         FROM given_to_default ORDER BY sub`,
      )
      .map(row => ({
        sub: String(row['sub']),
        issuer: String(row['issuer']),
        todos: Number(row['todos']),
        lessons: Number(row['lessons']),
      }))
      .filter(({ todos, lessons }) => todos + lessons > 0);
  } finally {
    database.close();
  }
}

/**
 * Moves what was given to the default tenant of that owner's `sub` to the owner, who has said that it is
 * theirs: nobody else can know. What the default tenant's person has written since stays theirs.
 * @throws StoreError
 */
export function claimGivenRows(path: string, { issuer, sub }: Owner): void {
  const database = openDatabase(path);
  try {
    database.transaction(() => {
      for (const [table, time] of Object.entries(givenTables)) {
        database.run(
          `UPDATE ${table} SET issuer = ? WHERE sub = ? AND EXISTS (
             SELECT 1 FROM given_to_default AS given
             WHERE given.sub = ${table}.sub AND given.issuer = ${table}.issuer AND ${table}.${time} <= given.at)`,
          issuer,
          sub,
        );
      }
      database.run('DELETE FROM given_to_default WHERE sub = ?', sub);
    });
  } finally {
    database.close();
  }
}
