import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Database } from './database.ts';
import { tooOld } from './issuerMigration.ts';
import { writeTexts } from './searchText.ts';

/** Rows have their owner's number: its issuer and sub would be in each of a dozen indexes. */
const tables = `
  CREATE TABLE owner (
    id INTEGER PRIMARY KEY,
    issuer TEXT NOT NULL,
    sub TEXT NOT NULL,
    UNIQUE (issuer, sub)
  ) STRICT;
  CREATE TABLE todo (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
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
  CREATE TABLE log_entry (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    todo_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    at TEXT NOT NULL,
    project TEXT NOT NULL,
    changes TEXT NOT NULL
  ) STRICT;
  CREATE TABLE lesson (
    seq INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    topic TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    tags TEXT NOT NULL,
    lesson_learned TEXT NOT NULL
  ) STRICT;
  CREATE TABLE project_count (
    owner INTEGER NOT NULL,
    project TEXT NOT NULL,
    todos INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (owner, project)
  ) STRICT, WITHOUT ROWID;`;

const columns = {
  todo: 'id, description, project, priority, status, target_agent, ticket, created_at, updated_at, completed_at, tags, notes, comment, metadata',
  log_entry: 'todo_id, operation, at, project, changes',
  lesson: 'id, language, topic, created_at, updated_at, tags, lesson_learned',
};
const before = { todo: 'todos', log_entry: 'logs', lesson: 'lessons' } as const;

/** What a search needs: words to weigh what it finds by, and the index. The tokenizer parts words at spaces alone. */
const searchOf = (table: string) => `
  CREATE TABLE ${table}_words (seq INTEGER PRIMARY KEY, heading TEXT NOT NULL, labels TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE ${table}_tokens USING fts5 (
    tokens, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '.^'"
  );`;

/** The last columns spare a look at the row where a filter has them, too. */
const indexes = `
  CREATE INDEX todo_by_time ON todo (owner, updated_at DESC, seq DESC);
  CREATE INDEX todo_by_status_time ON todo (owner, status, updated_at DESC, seq DESC);
  CREATE INDEX todo_by_priority_time ON todo (owner, priority, updated_at DESC, seq DESC);
  CREATE INDEX todo_by_priority_status_time ON todo (owner, priority, status, updated_at DESC, seq DESC);
  CREATE INDEX todo_by_project_time ON todo (owner, project, updated_at DESC, seq DESC, status, priority);
  CREATE INDEX todo_by_project_status_time ON todo (owner, project, status, updated_at DESC, seq DESC, priority);
  CREATE INDEX todo_by_project_priority_time ON todo (owner, project, priority, updated_at DESC, seq DESC, status);
  CREATE INDEX todo_by_target_agent_time ON todo (owner, target_agent, updated_at DESC, seq DESC, status, priority);
  CREATE INDEX todo_by_ticket_time ON todo (owner, ticket, updated_at DESC, seq DESC, status, priority);
  CREATE INDEX log_entry_by_time ON log_entry (owner, at DESC, seq DESC);
  CREATE INDEX log_entry_by_todo_id_time ON log_entry (owner, todo_id, at DESC, seq DESC);
  CREATE INDEX log_entry_by_project_time ON log_entry (owner, project, at DESC, seq DESC);
  CREATE INDEX lesson_by_time ON lesson (owner, updated_at DESC, seq DESC);
  CREATE INDEX lesson_by_language_time ON lesson (owner, language, updated_at DESC, seq DESC);
  CREATE INDEX lesson_by_topic_time ON lesson (owner, topic, updated_at DESC, seq DESC);
  CREATE INDEX lesson_by_language_topic_time ON lesson (owner, language, topic, updated_at DESC, seq DESC);`;

const isOpen = (row: string) => `${row}.status NOT IN ('completed', 'review')`;
const countUp = `
  INSERT INTO project_count VALUES (new.owner, new.project, 1, ${isOpen('new')})
    ON CONFLICT DO UPDATE SET todos = todos + 1, open = open + excluded.open;`;
const countDown = `
  UPDATE project_count SET todos = todos - 1, open = open - (${isOpen('old')})
    WHERE owner = old.owner AND project = old.project;
  DELETE FROM project_count WHERE owner = old.owner AND project = old.project AND todos = 0;`;
const forget = (table: string) => `
  DELETE FROM ${table}_words WHERE seq = old.seq;
  DELETE FROM ${table}_tokens WHERE rowid = old.seq;`;

const counters = `
  INSERT INTO project_count
    SELECT owner, project, count(*), sum(${isOpen('todo')}) FROM todo GROUP BY owner, project;
  CREATE TRIGGER todo_added AFTER INSERT ON todo BEGIN ${countUp} END;
  CREATE TRIGGER todo_removed AFTER DELETE ON todo BEGIN ${countDown} ${forget('todo')} END;
  CREATE TRIGGER todo_changed AFTER UPDATE OF owner, project, status ON todo BEGIN ${countUp} ${countDown} END;
  CREATE TRIGGER lesson_removed AFTER DELETE ON lesson BEGIN ${forget('lesson')} END;`;

/**
 * Gives each owner a number, counts projects, and has a search compare the words that our own rules find
 * in a row, not the engine's. Runs in the transaction of the migration, row by row: it takes its time with
 * many, but no more memory.
 */
export function numberOwners(connection: DatabaseSync): void {
  connection.exec(tables);
  connection.exec(`INSERT INTO owner (issuer, sub)
    SELECT issuer, sub FROM todos UNION SELECT issuer, sub FROM logs UNION SELECT issuer, sub FROM lessons`);
  for (const table of ['todo', 'log_entry', 'lesson'] as const) {
    connection.exec(`INSERT INTO ${table} (seq, owner, ${columns[table]})
      SELECT seq, owner.id, ${columns[table].replaceAll(/\w+/g, `${before[table]}.$&`)}
      FROM ${before[table]} CROSS JOIN owner USING (issuer, sub) ORDER BY seq`);
  }
  for (const name of ['todos', 'logs', 'lessons', 'todos_text', 'lessons_text']) {
    connection.exec(`DROP TABLE ${name}`);
    // A copy that is still running and knows these is told so, whatever it does with them.
    connection.exec(`CREATE VIEW ${name} AS SELECT * FROM "${tooOld}"`);
  }
  connection.exec(searchOf('todo') + searchOf('lesson') + indexes + counters);
  const database = onConnection(connection);
  for (const table of ['todo', 'lesson'] as const) writeTexts(database, table);
}

/** Each statement is prepared once: there may be millions of rows. */
function onConnection(connection: DatabaseSync): Pick<Database, 'each' | 'run'> {
  const prepared = new Map<string, StatementSync>();
  const prepare = (sql: string) => {
    const statement = prepared.get(sql) ?? connection.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    each: (sql, ...values) => prepare(sql).iterate(...values),
    run: (sql, ...values) => Number(prepare(sql).run(...values).changes),
  };
}
