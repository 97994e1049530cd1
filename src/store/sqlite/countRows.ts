import { readDatabase } from './database.ts';
import { ownerVersion } from './migrations.ts';
import { proveDatabase } from './ownFiles.ts';
import { schemaVersion } from './schemaVersion.ts';

/** How many todos and lessons a database has, whoever's they are. */
export interface RowCounts {
  readonly todos: number;
  readonly lessons: number;
}

/** Counts what is in a database, of whatever version. Undefined where there is none, or it is not to be read. */
export function countRows(path: string): RowCounts | undefined {
  try {
    if (!proveDatabase(path)) return undefined;
    const [todos, lessons] = schemaVersion(path) < ownerVersion ? ['todos', 'lessons'] : ['todo', 'lesson'];
    const database = readDatabase(path);
    try {
      const count = (table: string) => Number(database.get(`SELECT count(*) AS n FROM ${table}`)?.['n']);
      return { todos: count(todos), lessons: count(lessons) };
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
