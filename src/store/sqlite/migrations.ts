import type { DatabaseSync } from 'node:sqlite';
import { giveRowsToIssuers, type IssuersOf } from './issuerMigration.ts';
import { numberOwners } from './ownerMigration.ts';
import { makeIdsOwn } from './ownIdMigration.ts';

/** A step in SQL, or one that SQL alone cannot take. */
type Step = string | ((connection: DatabaseSync, issuersOf: IssuersOf) => void);

/**
 * The database's schema, step by step; a database at version n has had the first n steps. Steps that have
 * been released are never changed.
 */
export const migrations: readonly Step[] = [
  `
  CREATE TABLE todos (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sub TEXT NOT NULL,
    description TEXT NOT NULL,
    project TEXT NOT NULL,
    priority TEXT NOT NULL,
    status TEXT NOT NULL,
    target_agent TEXT NOT NULL,
    notes TEXT NOT NULL,
    ticket TEXT NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    comment TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    completed_at TEXT
  ) STRICT;
  CREATE INDEX todos_by_change ON todos (sub, updated_at DESC, seq DESC);
  CREATE INDEX todos_by_status ON todos (sub, status, updated_at DESC, seq DESC);
  CREATE INDEX todos_by_project ON todos (sub, project, updated_at DESC, seq DESC);

  CREATE VIRTUAL TABLE todos_text USING fts5 (
    description, notes, project, ticket, tags, content = 'todos', content_rowid = 'seq'
  );
  CREATE TRIGGER todos_added AFTER INSERT ON todos BEGIN
    INSERT INTO todos_text (rowid, description, notes, project, ticket, tags)
    VALUES (new.seq, new.description, new.notes, new.project, new.ticket, new.tags);
  END;
  CREATE TRIGGER todos_removed AFTER DELETE ON todos BEGIN
    INSERT INTO todos_text (todos_text, rowid, description, notes, project, ticket, tags)
    VALUES ('delete', old.seq, old.description, old.notes, old.project, old.ticket, old.tags);
  END;
  CREATE TRIGGER todos_changed AFTER UPDATE ON todos BEGIN
    INSERT INTO todos_text (todos_text, rowid, description, notes, project, ticket, tags)
    VALUES ('delete', old.seq, old.description, old.notes, old.project, old.ticket, old.tags);
    INSERT INTO todos_text (rowid, description, notes, project, ticket, tags)
    VALUES (new.seq, new.description, new.notes, new.project, new.ticket, new.tags);
  END;

  CREATE TABLE logs (
    seq INTEGER PRIMARY KEY,
    sub TEXT NOT NULL,
    todo_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    at TEXT NOT NULL,
    project TEXT NOT NULL,
    changes TEXT NOT NULL
  ) STRICT;
  CREATE INDEX logs_by_time ON logs (sub, at DESC, seq DESC);
  CREATE INDEX logs_by_todo ON logs (sub, todo_id, at DESC, seq DESC);
  CREATE INDEX logs_by_project ON logs (sub, project, at DESC, seq DESC);

  CREATE TABLE lessons (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sub TEXT NOT NULL,
    language TEXT NOT NULL,
    topic TEXT NOT NULL,
    lesson_learned TEXT NOT NULL,
    tags TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE INDEX lessons_by_change ON lessons (sub, updated_at DESC, seq DESC);
  CREATE INDEX lessons_by_language ON lessons (sub, language, updated_at DESC, seq DESC);
  CREATE INDEX lessons_by_topic ON lessons (sub, topic, updated_at DESC, seq DESC);

  CREATE VIRTUAL TABLE lessons_text USING fts5 (
    language, topic, lesson_learned, tags, content = 'lessons', content_rowid = 'seq'
  );
  CREATE TRIGGER lessons_added AFTER INSERT ON lessons BEGIN
    INSERT INTO lessons_text (rowid, language, topic, lesson_learned, tags)
    VALUES (new.seq, new.language, new.topic, new.lesson_learned, new.tags);
  END;
  CREATE TRIGGER lessons_removed AFTER DELETE ON lessons BEGIN
    INSERT INTO lessons_text (lessons_text, rowid, language, topic, lesson_learned, tags)
    VALUES ('delete', old.seq, old.language, old.topic, old.lesson_learned, old.tags);
  END;
  CREATE TRIGGER lessons_changed AFTER UPDATE ON lessons BEGIN
    INSERT INTO lessons_text (lessons_text, rowid, language, topic, lesson_learned, tags)
    VALUES ('delete', old.seq, old.language, old.topic, old.lesson_learned, old.tags);
    INSERT INTO lessons_text (rowid, language, topic, lesson_learned, tags)
    VALUES (new.seq, new.language, new.topic, new.lesson_learned, new.tags);
  END;
  `,
  giveRowsToIssuers,
  numberOwners,
  makeIdsOwn,
];

/** The version from which on rows have an issuer. */
export const issuerVersion = 2;
/** The version from which on owners have numbers. */
export const ownerVersion = 3;
