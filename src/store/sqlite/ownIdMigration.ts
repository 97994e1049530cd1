import type { DatabaseSync } from 'node:sqlite';

/** Ids are unique for an owner alone: rows that come from elsewhere must not meet another person's. */
const tables = `
  CREATE TABLE new_todo (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL,
    description TEXT NOT NULL,
    project TEXT NOT NULL,
    priority TEXT NOT NULL,
    status TEXT NOT NULL,
    target_agent TEXT NOT NULL,
    ticket TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    completed_at TEXT,
    tags TEXT NOT NULL,
    notes TEXT NOT NULL,
    comment TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (owner, id)
  ) STRICT;
  CREATE TABLE new_log_entry (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
    todo_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    at TEXT NOT NULL,
    project TEXT NOT NULL,
    changes TEXT NOT NULL,
    UNIQUE (owner, id)
  ) STRICT;
  CREATE TABLE new_lesson (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL,
    language TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    tags TEXT NOT NULL,
    lesson_learned TEXT NOT NULL,
    UNIQUE (owner, id)
  ) STRICT;`;

/** An entry that has no id gets the same one in every copy of a database. */
const copies = `
  INSERT INTO new_todo SELECT * FROM todo ORDER BY seq;
  INSERT INTO new_log_entry
    SELECT seq, owner, todo_id || '/' || seq, todo_id, operation, at, project, changes FROM log_entry ORDER BY seq;
  INSERT INTO new_lesson SELECT * FROM lesson ORDER BY seq;`;

/**
 * Makes ids unique for each owner, not for all, and gives log entries ids, by which one that comes again is known. SQLite
 * takes no constraint away from a table, so all three are written again; indexes and triggers stay as they were.
 */
export function makeIdsOwn(connection: DatabaseSync): void {
  const kept = connection
    .prepare(
      `SELECT sql FROM sqlite_schema
       WHERE type IN ('index', 'trigger') AND tbl_name IN ('todo', 'log_entry', 'lesson') AND sql IS NOT NULL`,
    )
    .all();
  connection.exec(tables + copies);
  // Else a rename looks at the views of `numberOwners`, which must not be looked at.
  connection.exec('PRAGMA legacy_alter_table = ON');
  for (const table of ['todo', 'log_entry', 'lesson']) {
    connection.exec(`DROP TABLE ${table}; ALTER TABLE new_${table} RENAME TO ${table};`);
  }
  connection.exec('PRAGMA legacy_alter_table = OFF');
  for (const { sql } of kept) connection.exec(String(sql));
}
