import type { DatabaseSync } from 'node:sqlite';
import { defaultTenant, issuerOf } from '../../auth/tenant.ts';

/** The issuers of the sessions that are kept for a `sub`. */
export type IssuersOf = (sub: string) => readonly string[];

/** What an older copy says when it has the database open while this one changes it. */
export const tooOld =
  'This Omnispindle is older than the todo database. Update it with: npx -y omnispindle@latest init';

/** The tables again, with the issuer before the long fields: SQLite reads a row from its start. */
const tables = `
  CREATE TABLE new_todos (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL DEFAULT '',
    sub TEXT NOT NULL,
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
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE TABLE new_logs (
    seq INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL DEFAULT '',
    sub TEXT NOT NULL,
    todo_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    at TEXT NOT NULL,
    project TEXT NOT NULL,
    changes TEXT NOT NULL
  ) STRICT;
  CREATE TABLE new_lessons (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL DEFAULT '',
    sub TEXT NOT NULL,
    language TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    tags TEXT NOT NULL,
    lesson_learned TEXT NOT NULL
  ) STRICT;
  CREATE TABLE given_to_default (
    sub TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    at TEXT NOT NULL
  ) STRICT;`;

const columns = {
  todos:
    'seq, id, sub, description, project, priority, status, target_agent, ticket, created_at, updated_at, completed_at, tags, notes, comment, metadata',
  logs: 'seq, sub, todo_id, operation, at, project, changes',
  lessons: 'seq, id, sub, language, topic, created_at, updated_at, tags, lesson_learned',
};

/** The full-text tables stay: they know rows by number. */
const indexes = `
  CREATE INDEX todos_by_change ON todos (issuer, sub, updated_at DESC, seq DESC);
  CREATE INDEX todos_by_status ON todos (issuer, sub, status, updated_at DESC, seq DESC);
  CREATE INDEX todos_by_project ON todos (issuer, sub, project, updated_at DESC, seq DESC, status);
  CREATE INDEX logs_by_time ON logs (issuer, sub, at DESC, seq DESC);
  CREATE INDEX logs_by_todo ON logs (issuer, sub, todo_id, at DESC, seq DESC);
  CREATE INDEX logs_by_project ON logs (issuer, sub, project, at DESC, seq DESC);
  CREATE INDEX lessons_by_change ON lessons (issuer, sub, updated_at DESC, seq DESC);
  CREATE INDEX lessons_by_language ON lessons (issuer, sub, language, updated_at DESC, seq DESC);
  CREATE INDEX lessons_by_topic ON lessons (issuer, sub, topic, updated_at DESC, seq DESC);

  CREATE TRIGGER todos_added AFTER INSERT ON todos BEGIN
    INSERT INTO todos_text (rowid, description, notes, project, ticket, tags)
    VALUES (new.seq, new.description, new.notes, new.project, new.ticket, new.tags);
  END;
  CREATE TRIGGER todos_removed AFTER DELETE ON todos BEGIN
    INSERT INTO todos_text (todos_text, rowid, description, notes, project, ticket, tags)
    VALUES ('delete', old.seq, old.description, old.notes, old.project, old.ticket, old.tags);
  END;
  CREATE TRIGGER todos_changed AFTER UPDATE OF description, notes, project, ticket, tags ON todos BEGIN
    INSERT INTO todos_text (todos_text, rowid, description, notes, project, ticket, tags)
    VALUES ('delete', old.seq, old.description, old.notes, old.project, old.ticket, old.tags);
    INSERT INTO todos_text (rowid, description, notes, project, ticket, tags)
    VALUES (new.seq, new.description, new.notes, new.project, new.ticket, new.tags);
  END;
  CREATE TRIGGER lessons_added AFTER INSERT ON lessons BEGIN
    INSERT INTO lessons_text (rowid, language, topic, lesson_learned, tags)
    VALUES (new.seq, new.language, new.topic, new.lesson_learned, new.tags);
  END;
  CREATE TRIGGER lessons_removed AFTER DELETE ON lessons BEGIN
    INSERT INTO lessons_text (lessons_text, rowid, language, topic, lesson_learned, tags)
    VALUES ('delete', old.seq, old.language, old.topic, old.lesson_learned, old.tags);
  END;
  CREATE TRIGGER lessons_changed AFTER UPDATE OF language, topic, lesson_learned, tags ON lessons BEGIN
    INSERT INTO lessons_text (lessons_text, rowid, language, topic, lesson_learned, tags)
    VALUES ('delete', old.seq, old.language, old.topic, old.lesson_learned, old.tags);
    INSERT INTO lessons_text (rowid, language, topic, lesson_learned, tags)
    VALUES (new.seq, new.language, new.topic, new.lesson_learned, new.tags);
  END;`;

/**
 * Gives each row the issuer of its owner: that of the kept session with its `sub`; with none or several, the
 * default tenant's, which is noted in `given_to_default`. Runs in the transaction of the migration.
 */
export function giveRowsToIssuers(connection: DatabaseSync, issuersOf: IssuersOf): void {
  connection.exec(tables);
  const subs = connection
    .prepare('SELECT sub FROM todos UNION SELECT sub FROM logs UNION SELECT sub FROM lessons')
    .all()
    .map(row => String(row['sub']));
  const at = new Date().toISOString();
  for (const sub of subs) {
    const known = new Set(issuersOf(sub));
    const issuer = known.size === 1 ? [...known].join() : issuerOf(defaultTenant);
    if (known.size !== 1) {
      connection.prepare('INSERT INTO given_to_default VALUES (?, ?, ?)').run(sub, issuer, at);
    }
    for (const [table, names] of Object.entries(columns)) {
      connection
        .prepare(`INSERT INTO new_${table} (issuer, ${names}) SELECT ?, ${names} FROM ${table} WHERE sub = ?`)
        .run(issuer, sub);
    }
  }
  for (const table of Object.keys(columns)) {
    connection.exec(`DROP TABLE ${table}; ALTER TABLE new_${table} RENAME TO ${table};`);
  }
  connection.exec(indexes);
  for (const table of Object.keys(columns)) {
    // A copy of the first release, still running, knows of no issuer; its row would be nobody's.
    connection.exec(
      `CREATE TRIGGER ${table}_of_older BEFORE INSERT ON ${table} WHEN new.issuer = ''
       BEGIN SELECT RAISE(ABORT, '${tooOld}'); END`,
    );
  }
}
