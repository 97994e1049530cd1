import { sql, type Kysely } from 'kysely';
import { searchFunction, searchParts } from './searchFunctions.ts';

/** Characters of a text that an index has: Postgres refuses an entry of more than a third of a page. */
const keyed = (column: string) =>
  `${column}_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(${column}, 200)) STORED`;
const text = (...columns: string[]) =>
  columns.map(column => `${column} text COLLATE "C" NOT NULL`).join(',\n  ');
const owner = 'owner bigint NOT NULL REFERENCES omnispindle.owner ON DELETE CASCADE';

/** People have numbers, and so have the rows of each: nobody learns from a number how much others have. */
const owners = `
CREATE TABLE omnispindle.owner (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ${text('issuer', 'sub')},
  todos bigint NOT NULL DEFAULT 0,
  lessons bigint NOT NULL DEFAULT 0,
  log_entries bigint NOT NULL DEFAULT 0,
  UNIQUE (issuer, sub)
);

CREATE FUNCTION omnispindle.current_owner() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(pg_catalog.current_setting('omnispindle.owner', true), '')::bigint $$;

CREATE FUNCTION omnispindle.owner_to_read(of_issuer text, of_sub text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce((SELECT id FROM omnispindle.owner WHERE issuer = of_issuer AND sub = of_sub), 0) $$;

CREATE FUNCTION omnispindle.owner_to_write(of_issuer text, of_sub text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  number bigint;
BEGIN
  LOOP
    SELECT id INTO number FROM omnispindle.owner WHERE issuer = of_issuer AND sub = of_sub FOR NO KEY UPDATE;
    IF FOUND THEN RETURN number; END IF;
    INSERT INTO omnispindle.owner (issuer, sub) VALUES (of_issuer, of_sub) ON CONFLICT DO NOTHING;
  END LOOP;
END
$$;
`;

const counter = (table: string, column: string) => `
CREATE FUNCTION omnispindle.next_${table}() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE omnispindle.owner SET ${column} = ${column} + 1 WHERE id = omnispindle.current_owner() RETURNING ${column}
$$;
`;

const tables = `
CREATE TABLE omnispindle.todo (
  ${owner},
  seq bigint NOT NULL DEFAULT omnispindle.next_todo(),
  ${text('id', 'description', 'project', 'priority', 'status', 'target_agent', 'notes', 'ticket')},
  ${text('tags', 'metadata', 'comment', 'created_at', 'updated_at')},
  completed_at text COLLATE "C",
  ${['project', 'target_agent', 'ticket'].map(keyed).join(',\n  ')},
  PRIMARY KEY (owner, seq),
  UNIQUE (owner, id)
);
CREATE INDEX todo_by_time ON omnispindle.todo (owner, updated_at DESC, seq DESC);
CREATE INDEX todo_by_status_time ON omnispindle.todo (owner, status, updated_at DESC, seq DESC);
CREATE INDEX todo_by_priority_time ON omnispindle.todo (owner, priority, updated_at DESC, seq DESC);
CREATE INDEX todo_by_priority_status_time ON omnispindle.todo (owner, priority, status, updated_at DESC, seq DESC);
CREATE INDEX todo_by_project_time ON omnispindle.todo (owner, project_key, updated_at DESC, seq DESC);
CREATE INDEX todo_by_project_status_time ON omnispindle.todo (owner, project_key, status, updated_at DESC, seq DESC);
CREATE INDEX todo_by_project_priority_time
  ON omnispindle.todo (owner, project_key, priority, updated_at DESC, seq DESC);
CREATE INDEX todo_by_target_agent_time ON omnispindle.todo (owner, target_agent_key, updated_at DESC, seq DESC);
CREATE INDEX todo_by_ticket_time ON omnispindle.todo (owner, ticket_key, updated_at DESC, seq DESC);

CREATE TABLE omnispindle.log_entry (
  ${owner},
  seq bigint NOT NULL DEFAULT omnispindle.next_log_entry(),
  id text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
  ${text('todo_id', 'operation', 'at', 'project', 'changes')},
  ${keyed('project')},
  PRIMARY KEY (owner, seq),
  UNIQUE (owner, id)
);
CREATE INDEX log_entry_by_time ON omnispindle.log_entry (owner, at DESC, seq DESC);
CREATE INDEX log_entry_by_todo_id_time ON omnispindle.log_entry (owner, todo_id, at DESC, seq DESC);
CREATE INDEX log_entry_by_project_time ON omnispindle.log_entry (owner, project_key, at DESC, seq DESC);

CREATE TABLE omnispindle.lesson (
  ${owner},
  seq bigint NOT NULL DEFAULT omnispindle.next_lesson(),
  ${text('id', 'language', 'topic', 'lesson_learned', 'tags', 'created_at', 'updated_at')},
  ${['language', 'topic'].map(keyed).join(',\n  ')},
  PRIMARY KEY (owner, seq),
  UNIQUE (owner, id)
);
CREATE INDEX lesson_by_time ON omnispindle.lesson (owner, updated_at DESC, seq DESC);
CREATE INDEX lesson_by_language_time ON omnispindle.lesson (owner, language_key, updated_at DESC, seq DESC);
CREATE INDEX lesson_by_topic_time ON omnispindle.lesson (owner, topic_key, updated_at DESC, seq DESC);
CREATE INDEX lesson_by_language_topic_time
  ON omnispindle.lesson (owner, language_key, topic_key, updated_at DESC, seq DESC);

CREATE TABLE omnispindle.rate_limit (
  key varchar(255) PRIMARY KEY,
  points integer NOT NULL DEFAULT 0,
  expire bigint
);
CREATE INDEX rate_limit_by_expire ON omnispindle.rate_limit (expire);
`;

/** Its words, apart from a row: what changes without another word leaves their index as it is. */
const words = (table: string) => `
CREATE TABLE omnispindle.${table}_words (
  owner bigint NOT NULL,
  seq bigint NOT NULL,
  words tsvector NOT NULL,
  PRIMARY KEY (owner, seq),
  FOREIGN KEY (owner, seq) REFERENCES omnispindle.${table} ON DELETE CASCADE
);
CREATE INDEX ${table}_words_by_word ON omnispindle.${table}_words USING gin (words) WITH (fastupdate = off);
ALTER TABLE omnispindle.${table}_words ALTER COLUMN words SET STATISTICS 0;
`;

/** A project's todos are counted in the transaction that changes them, which holds the owner's row. */
const counts = `
CREATE TABLE omnispindle.project_count (
  ${owner},
  ${text('project')},
  todos bigint NOT NULL,
  open bigint NOT NULL,
  ${keyed('project')},
  project_hash bigint NOT NULL GENERATED ALWAYS AS (hashtextextended(project, 0)) STORED,
  PRIMARY KEY (owner, project_key, project_hash)
);

CREATE FUNCTION omnispindle.count_project(of_owner bigint, of_project text, of_status text, by integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  by_open CONSTANT integer := CASE WHEN of_status IN ('completed', 'review') THEN 0 ELSE by END;
  left_over bigint;
BEGIN
  UPDATE omnispindle.project_count SET todos = todos + by, open = open + by_open
    WHERE owner = of_owner AND project_key = left(of_project, 200) AND project = of_project
    RETURNING todos INTO left_over;
  IF NOT FOUND THEN
    -- Where a person is removed, their counts may be gone before their todos.
    IF by > 0 THEN
      INSERT INTO omnispindle.project_count (owner, project, todos, open)
        VALUES (of_owner, of_project, by, by_open);
    END IF;
  ELSIF left_over = 0 THEN
    DELETE FROM omnispindle.project_count
      WHERE owner = of_owner AND project_key = left(of_project, 200) AND project = of_project;
  END IF;
END
$$;

CREATE FUNCTION omnispindle.count_todo() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP <> 'DELETE' THEN PERFORM omnispindle.count_project(NEW.owner, NEW.project, NEW.status, 1); END IF;
  IF TG_OP <> 'INSERT' THEN PERFORM omnispindle.count_project(OLD.owner, OLD.project, OLD.status, -1); END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER todo_added AFTER INSERT OR DELETE ON omnispindle.todo
  FOR EACH ROW EXECUTE FUNCTION omnispindle.count_todo();
CREATE TRIGGER todo_changed AFTER UPDATE OF owner, project, status ON omnispindle.todo
  FOR EACH ROW WHEN ((OLD.owner, OLD.project, OLD.status) IS DISTINCT FROM (NEW.owner, NEW.project, NEW.status))
  EXECUTE FUNCTION omnispindle.count_todo();
`;

const owned = ['todo', 'todo_words', 'lesson', 'lesson_words', 'log_entry', 'project_count'];
const shared = ['rate_limit', 'kysely_migration', 'kysely_migration_lock'];

/** Whoever owns the tables sees all: its migrations must, and its search could not use an index else. */
const secure = (table: string) => `
ALTER TABLE omnispindle.${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON omnispindle.${table} TO CURRENT_USER USING (true) WITH CHECK (true);
`;
const policies = [
  ...['owner', ...owned, ...shared].map(secure),
  ...owned.map(
    table => `CREATE POLICY rows_of_owner ON omnispindle.${table}
      USING (owner = omnispindle.current_owner()) WITH CHECK (owner = omnispindle.current_owner());`,
  ),
  'CREATE POLICY shared_rows ON omnispindle.rate_limit USING (true) WITH CHECK (true);',
  'CREATE POLICY shared_rows ON omnispindle.kysely_migration FOR SELECT USING (true);',
].join('\n');

/** Makes all tables, their policies and functions. */
export async function createTables(database: Kysely<unknown>): Promise<void> {
  const steps = [
    owners,
    counter('todo', 'todos'),
    counter('lesson', 'lessons'),
    counter('log_entry', 'log_entries'),
    tables,
    words('todo'),
    words('lesson'),
    counts,
    policies,
    searchParts,
    searchFunction('todo', 'todos'),
    searchFunction('lesson', 'lessons'),
  ];
  for (const step of steps) await sql.raw(step).execute(database);
}
