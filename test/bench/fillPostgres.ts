import { bucketBits } from '../../src/store/postgres/migrations/searchFunctions.ts';
import { runSql } from '../postgres.ts';

/** Somebody with as many todos, log entries and lessons. */
export interface Amount {
  readonly issuer: string;
  readonly sub: string;
  readonly rows: number;
}

const colour = "CASE i % 3 WHEN 0 THEN 'blue' WHEN 1 THEN 'red' ELSE 'green' END";
const time = 'to_char(to_timestamp(1700000000 + i) AT TIME ZONE \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.000"Z"\')';

/** The vector of a row, as the store writes it: expressions of words, each with its weight. */
function vector(words: Readonly<Record<string, string>>): string {
  const lexemes = Object.entries(words).map(
    ([word, weight]) => `format('''%s.%s.%s'':1${weight}', owner.id, i >> ${String(bucketBits)}, ${word})`,
  );
  return `concat_ws(' ', ${lexemes.join(', ')})::tsvector`;
}
const all = (weight: string, words: string) =>
  Object.fromEntries(words.split(' ').map(word => [`'${word}'`, weight]));

const todoVector = vector({
  ...all('A', 'thread the bobbin number with'),
  i: 'A',
  [colour]: 'A',
  ...all('B', 'project soon'),
  "CASE i % 2 WHEN 0 THEN '7' ELSE (i % 400)::text END": 'B',
  ...all('C', 'some notes about it'),
});
const lessonVector = vector({ ...all('A', 'topic'), i: 'A', ...all('C', 'quote every word') });

/**
 * Writes rows as the store would have written them, but all at once.
 * @param url the address with a superuser's role; the tables are there, and empty
 */
export async function fillPostgres(url: string, amounts: readonly Amount[]): Promise<void> {
  const indexes = (
    await runSql(
      url,
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
       WHERE indrelid::regclass::text LIKE 'omnispindle.%' AND NOT indisunique`,
    )
  ).map(({ name, definition }) => [String(name), String(definition)] as const);
  const people = amounts.map(({ issuer, sub, rows }) => `('${issuer}', '${sub}', ${String(rows)})`);
  const numbers = 'FROM omnispindle.owner, generate_series(1, owner.todos) AS i';
  await runSql(
    url,
    // Without triggers and foreign keys.
    'SET session_replication_role = replica',
    ...indexes.map(([name]) => `DROP INDEX ${name}`),
    `INSERT INTO omnispindle.owner (issuer, sub, todos, lessons, log_entries)
     SELECT issuer, sub, n, n, n FROM (VALUES ${people.join(', ')}) AS given (issuer, sub, n)`,
    `INSERT INTO omnispindle.todo (owner, seq, id, description, project, priority, status, target_agent, notes, ticket,
       tags, metadata, comment, created_at, updated_at)
     SELECT owner.id, i, 'todo ' || i, 'Thread the bobbin number ' || i || ' with ' || ${colour},
       CASE i % 2 WHEN 0 THEN 'project 7' ELSE 'project ' || (i % 400) END,
       CASE i % 4 WHEN 0 THEN 'High' ELSE 'Low' END,
       CASE i % 3 WHEN 0 THEN 'pending' WHEN 1 THEN 'completed' ELSE 'review' END, '', 'Some notes about it.',
       CASE i % 10 WHEN 0 THEN 'W-' || i ELSE '' END, '["soon"]', '{}', '', ${time}, ${time} ${numbers}`,
    `INSERT INTO omnispindle.todo_words (owner, seq, words) SELECT owner.id, i, ${todoVector} ${numbers}`,
    `INSERT INTO omnispindle.project_count (owner, project, todos, open)
     SELECT owner, project, count(*), count(*) FILTER (WHERE status = 'pending')
     FROM omnispindle.todo GROUP BY owner, project`,
    `INSERT INTO omnispindle.log_entry (owner, seq, todo_id, operation, at, project, changes)
     SELECT owner, seq, id, 'create', updated_at, project, '{}' FROM omnispindle.todo`,
    `INSERT INTO omnispindle.lesson (owner, seq, id, language, topic, lesson_learned, tags, created_at, updated_at)
     SELECT owner.id, i, 'lesson ' || i, CASE i % 3 WHEN 0 THEN 'SQL' ELSE 'C' END, 'Topic ' || i,
       'Quote every word.', '[]', ${time}, ${time} ${numbers}`,
    `INSERT INTO omnispindle.lesson_words (owner, seq, words) SELECT owner.id, i, ${lessonVector} ${numbers}`,
    "SET maintenance_work_mem = '256MB'",
    ...indexes.map(([, definition]) => definition),
    'VACUUM (ANALYZE)',
  );
}
