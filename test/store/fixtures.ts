import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { giveRowsToIssuers } from '../../src/store/sqlite/issuerMigration.ts';
import { migrations } from '../../src/store/sqlite/migrations.ts';
import type { Owner, Store } from '../../src/store/store.ts';

/** Somebody at a tenant of the tests. */
export function ownerOf(sub: string, issuer = 'https://tenant.example/'): Owner {
  return { issuer, sub };
}

/** The database's file in the data directory of the tests. */
export function databaseIn(directory: string): string {
  return join(directory, 'omnispindle.db');
}

/**
 * Writes a database as the first release did, in which tenants are not told apart: for each `sub` a todo
 * that says so in its description, with its log entry, and a lesson.
 * @returns its path
 */
export function writeFirstRelease(directory: string, subs: readonly string[]): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = databaseIn(directory);
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; ${migrations[0] as string}; PRAGMA user_version = 1`);
  const at = '2026-01-01T00:00:00.000Z';
  for (const sub of subs) {
    const id = `todo of ${sub}`;
    database
      .prepare(
        `INSERT INTO todos (id, sub, description, project, priority, status, target_agent, notes, ticket, tags,
           metadata, comment, created_at, updated_at)
         VALUES (?, ?, ?, 'wool', 'Low', 'pending', '', '', '', '[]', '{"old":true}', '', ?, ?)`,
      )
      .run(id, sub, `Spin for ${sub}`, at, at);
    database
      .prepare(
        `INSERT INTO logs (sub, todo_id, operation, at, project, changes)
         VALUES (?, ?, 'create', ?, 'wool', '{}')`,
      )
      .run(sub, id, at);
    database
      .prepare(
        `INSERT INTO lessons (id, sub, language, topic, lesson_learned, tags, created_at, updated_at)
         VALUES (?, ?, 'SQL', 'FTS5', 'Quote it.', '[]', ?, ?)`,
      )
      .run(`lesson of ${sub}`, sub, at, at);
  }
  database.close();
  return path;
}

/**
 * Writes a database as versions with issuers did, before owners had numbers: what {@link writeFirstRelease} writes,
 * given to that issuer.
 * @returns its path
 */
export function writeSecondVersion(
  directory: string,
  subs: readonly string[],
  issuer = 'https://tenant.example/',
): string {
  const path = writeFirstRelease(directory, subs);
  const database = new DatabaseSync(path);
  giveRowsToIssuers(database, () => [issuer]);
  database.exec('PRAGMA user_version = 2');
  database.close();
  return path;
}

/** How many todos, log entries and lessons are somebody's, by every way to see them. */
export async function countsOf(store: Store, owner: Owner) {
  const page = { limit: 1_000, offset: 0 };
  const mine = store.of(owner);
  return {
    todos: (await mine.queryTodos({}, page)).total,
    found: (await mine.searchTodos('spin', page)).total,
    logs: (await mine.queryLogs({}, page)).total,
    lessons: (await mine.listLessons({}, page)).total,
  };
}
