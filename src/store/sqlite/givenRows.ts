import type { Owner } from '../store.ts';
import { readOwnerCounts, type OwnerCounts } from './countOwners.ts';
import { openDatabase, readDatabase } from './database.ts';
import { issuerVersion, ownerVersion } from './migrations.ts';
import { ownerId } from './owners.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';
import { writeTexts } from './searchText.ts';

/** What was given to the default tenant of one `sub`, because no kept session, or several, said whose it was. */
export interface GivenRows extends OwnerCounts {
  /** The default tenant's issuer at that time. */
  readonly issuer: string;
}

/** Everything that was given, with the time that says what of it was there then. */
const givenTables = { todo: 'created_at', log_entry: 'at', lesson: 'created_at' };

/** Rows count that were there when they were given; what was written later has its issuer already. */
const given = (table: string, isTheirs: string) => `(SELECT count(*) FROM ${table}
  WHERE ${isTheirs} AND created_at <= given_to_default.at)`;
const byNumber = `owner = (SELECT id FROM owner
  WHERE owner.issuer = given_to_default.issuer AND owner.sub = given_to_default.sub)`;
const byName = (table: string) =>
  `${table}.issuer = given_to_default.issuer AND ${table}.sub = given_to_default.sub`;

/**
 * What the migration has given to the default tenant and is still there. Nothing is changed, and a database
 * in which tenants are not told apart yet has none.
 * @throws StoreError
 */
export function rowsGivenToDefault(path: string): GivenRows[] {
  if (!proveDatabase(path)) return [];
  const version = schemaVersion(path);
  if (version < issuerVersion) return [];
  const database = readDatabase(path);
  const [todos, lessons] =
    version < ownerVersion
      ? [given('todos', byName('todos')), given('lessons', byName('lessons'))]
      : [given('todo', byNumber), given('lesson', byNumber)];
  try {
    return readOwnerCounts(
      database,
      `SELECT sub, issuer, ${todos} AS todos, ${lessons} AS lessons FROM given_to_default ORDER BY sub`,
    );
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
      const noted = database.get('SELECT issuer, at FROM given_to_default WHERE sub = ?', sub);
      if (!noted) return;
      const from = ownerId(database, { issuer: String(noted['issuer']), sub }).toRead();
      const to = ownerId(database, { issuer, sub }).toWrite();
      const at = String(noted['at']);
      for (const [table, time] of Object.entries(givenTables)) {
        // What the owner has imported since has the same id.
        const isGiven = `owner = ? AND ${time} <= ? AND id NOT IN (SELECT id FROM ${table} WHERE owner = ?)`;
        database.run(`CREATE TEMP TABLE moved AS SELECT seq FROM ${table} WHERE ${isGiven}`, from, at, to);
        database.run(`UPDATE ${table} SET owner = ? WHERE seq IN (SELECT seq FROM temp.moved)`, to);
        // A search knows words by their owner.
        if (table === 'todo' || table === 'lesson') {
          writeTexts(database, table, 'seq IN (SELECT seq FROM temp.moved)');
        }
        database.run('DROP TABLE temp.moved');
      }
      database.run('DELETE FROM given_to_default WHERE sub = ?', sub);
    });
  } finally {
    database.close();
  }
}
