import { sql } from 'kysely';
import type { ListedRows, NameKey, OwnerRows, TodoRows } from '../engine.ts';
import { readRow, selection, type Row } from '../rows.ts';
import { todoContents, type ProjectCount, type Todo } from '../todo.ts';
import { decoded } from './batches.ts';
import { all, isOwners } from './filters.ts';
import { timedRows, type OwnersPlace } from './listedRows.ts';
import { searchedRows, writeWords } from './searchedRows.ts';
import { toText } from './text.ts';
import { deleteRow, insertRow, readRowById, updateRow } from './writtenRows.ts';

const todos = {
  table: 'todo',
  columns: ['id', ...todoContents, 'created_at', 'updated_at', 'completed_at'],
  time: 'updated_at',
} as const;
const rewritten = { table: 'todo', columns: [...todoContents, 'updated_at', 'completed_at'] } as const;
const logs = {
  table: 'log_entry',
  columns: ['todo_id', 'operation', 'at', 'project', 'changes'],
  time: 'at',
} as const;

/** One owner's todos. */
export function todoRows(place: OwnersPlace): TodoRows {
  const { transact, ownerFilter } = place;
  return {
    ...timedRows(place, todos),
    ...searchedRows(place, todos),
    add: ({ todo, text, entry }) =>
      transact('write', async transaction => {
        const seq = await insertRow(transaction, todos, todo);
        await writeWords(transaction, 'todo', [{ seq, text }]);
        await insertRow(transaction, logs, entry);
      }),
    change: (id, decide) =>
      transact('write', async transaction => {
        const before = await readRowById<Todo>(transaction, todos, ownerFilter, id);
        if (!before) return undefined;
        const { fields, text, entry } = decide(before.row);
        await updateRow(transaction, rewritten, ownerFilter, before.seq, fields);
        if (text) await writeWords(transaction, 'todo', [{ seq: before.seq, text }]);
        await insertRow(transaction, logs, entry);
        return (await readRowById<Todo>(transaction, todos, ownerFilter, id))?.row;
      }),
    remove: (id, entryOf) =>
      transact('write', async transaction => {
        const before = await readRowById<Todo>(transaction, todos, ownerFilter, id);
        if (!before) return false;
        await deleteRow(transaction, todos, ownerFilter, before.seq);
        await insertRow(transaction, logs, entryOf(before.row));
        return true;
      }),
  };
}

/** The log of one owner's todos. */
export function logRows(place: OwnersPlace): OwnerRows['logs'] {
  return timedRows(place, logs);
}

/** One owner's projects, with counts that triggers keep. */
export function projectRows({
  transact,
  ownerFilter,
}: OwnersPlace): ListedRows<ProjectCount, object, NameKey> {
  const columns = ['project', 'todos', 'open'];
  return {
    async list({ after, offset, limit }, take) {
      let [key, left, passed] = [after?.[0], limit, offset];
      // Names of old todos may be long.
      for (let size = Math.min(left, 128); left > 0; size = Math.min(left, 128)) {
        const rows = await transact('read', async ({ database, owner }) => {
          const conditions = [isOwners(ownerFilter, owner)];
          if (key !== undefined) {
            const name = toText(key);
            conditions.push(sql`project_key >= left(${name}, 200)`, sql`project > ${name}`);
          }
          const read = await sql<Row>`
            SELECT ${sql.raw(selection('project_count', ['project']))}, todos, open, project AS name
            FROM omnispindle.project_count WHERE ${all(conditions)}
            ORDER BY project_key, project_count.project LIMIT ${size} OFFSET ${passed}`.execute(database);
          return read.rows.map(decoded);
        });
        for (const { todos, open, ...row } of rows) {
          key = String(row['name']);
          const count = { ...row, todos: Number(todos), open: Number(open) };
          if (!take(readRow<ProjectCount>(count, columns), [key])) return;
        }
        if (rows.length < size) return;
        left -= rows.length;
        passed = 0;
      }
    },
    count: (_filter, most) =>
      transact('read', async ({ database, owner }) => {
        const { rows } = await sql<{ n: string }>`
          SELECT count(*) AS n FROM (
            SELECT 1 FROM omnispindle.project_count WHERE ${isOwners(ownerFilter, owner)} LIMIT ${most}
          ) AS counted`.execute(database);
        return Number(rows[0]?.n);
      }),
  };
}
