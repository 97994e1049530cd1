import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { writeSecondVersion } from '../store/fixtures.ts';
import type { Amount } from './fillPostgres.ts';

/**
 * Writes rows as the version before numbered owners had them: its indexes were slower to fill.
 * @param amounts of people of one issuer
 */
export function fillSqlite(directory: string, amounts: readonly Amount[]): void {
  mkdirSync(directory, { mode: 0o700 });
  const issuer = amounts[0]?.issuer;
  const database = new DatabaseSync(writeSecondVersion(directory, ['nobody'], issuer));
  const people = amounts.map(({ sub, rows }) => `('${sub}', ${String(rows)})`);
  const most = Math.max(...amounts.map(({ rows }) => rows));
  database.exec(`PRAGMA synchronous = OFF; DROP TRIGGER todos_added; DROP TRIGGER lessons_added;
    DROP INDEX todos_by_status; DROP INDEX todos_by_project; DROP INDEX logs_by_todo; DROP INDEX logs_by_project;
    BEGIN;
    CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(most)})
      SELECT i, strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + i, 'unixepoch') AS at FROM n;
    CREATE TEMP TABLE person (sub, amount);
    INSERT INTO person VALUES ${people.join(', ')};
    INSERT INTO todos (id, issuer, sub, description, project, priority, status, target_agent, ticket, created_at,
        updated_at, tags, notes, comment, metadata)
      SELECT 'todo ' || i || ' of ' || sub, '${String(issuer)}', sub,
        'Thread the bobbin number ' || i || ' with ' || CASE i % 3 WHEN 0 THEN 'blue' WHEN 1 THEN 'red' ELSE 'green' END,
        CASE i % 2 WHEN 0 THEN 'project 7' ELSE 'project ' || (i % 400) END, CASE i % 4 WHEN 0 THEN 'High' ELSE 'Low' END,
        CASE i % 3 WHEN 0 THEN 'pending' WHEN 1 THEN 'completed' ELSE 'review' END, '',
        CASE i % 10 WHEN 0 THEN 'W-' || i ELSE '' END, n.at, n.at, '["soon"]', 'Some notes about it.', '', '{}'
      FROM person JOIN n ON i <= amount;
    INSERT INTO logs (issuer, sub, todo_id, operation, at, project, changes)
      SELECT issuer, sub, id, 'create', updated_at, project, '{}' FROM todos;
    INSERT INTO lessons (id, issuer, sub, language, topic, created_at, updated_at, tags, lesson_learned)
      SELECT 'lesson ' || i || ' of ' || sub, '${String(issuer)}', sub, CASE i % 3 WHEN 0 THEN 'SQL' ELSE 'C' END,
        'Topic ' || i, n.at, n.at, '[]', 'Quote every word.' FROM person JOIN n ON i <= amount;
    COMMIT;`);
  database.close();
}
