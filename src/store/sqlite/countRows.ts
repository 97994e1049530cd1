import { proveDatabase } from './ownFiles.ts';
import { loadSqlite } from './sqlite.ts';

/** How many todos and lessons a database has, whoever's they are. */
export interface RowCounts {
  readonly todos: number;
  readonly lessons: number;
}

/** Counts what is in a database, of whatever version. Undefined where there is none, or it is not to be read. */
export function countRows(path: string): RowCounts | undefined {
  try {
    if (!proveDatabase(path)) return undefined;
    const { DatabaseSync } = loadSqlite();
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const count = (table: string) =>
        Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
      return { todos: count('todos'), lessons: count('lessons') };
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
