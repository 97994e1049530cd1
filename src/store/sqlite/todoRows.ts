import type { ListedRows, NameKey, OwnerRows, TodoRows } from '../engine.ts';
import { todoContents, type LogEntry, type ProjectCount, type Todo } from '../todo.ts';
import type { Database } from './database.ts';
import { timedRows, type TimedTable } from './listedRows.ts';
import type { OwnerId } from './owners.ts';
import { readRow, selection, toColumn } from '../rows.ts';
import { searchedRows } from './searchedRows.ts';
import { writeText } from './searchText.ts';

const todoColumns = ['id', ...todoContents, 'created_at', 'updated_at', 'completed_at'] as const;
const todos = {
  table: 'todo',
  columns: todoColumns,
  time: 'updated_at',
  indexes: [
    ['ticket'],
    ['target_agent'],
    ['project', 'status'],
    ['project', 'priority'],
    ['project'],
    ['priority', 'status'],
    ['priority'],
    ['status'],
  ],
} as const satisfies TimedTable;
const logs: TimedTable = {
  table: 'log_entry',
  columns: ['todo_id', 'operation', 'at', 'project', 'changes'],
  time: 'at',
  indexes: [['todo_id'], ['project']],
};

/** One owner's todos. */
export function todoRows(database: Database, owner: OwnerId): TodoRows {
  const { get, run, transaction } = database;
  const mine = 'id = ? AND owner = ?';

  function read(id: string): { todo: Todo; seq: number } | undefined {
    const row = get(
      `SELECT seq, ${selection('todo', todoColumns)} FROM todo WHERE ${mine}`,
      id,
      owner.toRead(),
    );
    return row && { todo: readRow<Todo>(row, todoColumns), seq: Number(row['seq']) };
  }

  function write(entry: LogEntry): void {
    run(
      'INSERT INTO log_entry (owner, todo_id, operation, at, project, changes) VALUES (?, ?, ?, ?, ?, ?)',
      owner.toWrite(),
      entry.todo_id,
      entry.operation,
      entry.at,
      entry.project,
      toColumn(entry.changes),
    );
  }

  return {
    ...timedRows(database, owner, todos),
    ...searchedRows(database, owner, todos),
    async add({ todo, text, entry }) {
      transaction(() => {
        const of = owner.toWrite();
        const added = get(
          `INSERT INTO todo (owner, ${todoColumns.join(', ')})
           VALUES (?, ${todoColumns.map(() => '?').join(', ')}) RETURNING seq`,
          of,
          ...todoColumns.map(column => toColumn(todo[column])),
        );
        writeText(database, 'todo', Number(added?.['seq']), of, text);
        write(entry);
      });
    },
    async change(id, decide) {
      return transaction(() => {
        const before = read(id);
        if (!before) return undefined;
        const { fields, text, entry } = decide(before.todo);
        const given = todoColumns.filter(column => column !== 'id' && column !== 'created_at');
        const changed = given.filter(column => fields[column] !== undefined);
        run(
          `UPDATE todo SET ${changed.map(column => `${column} = ?`).join(', ')} WHERE seq = ?`,
          ...changed.map(column => toColumn(fields[column])),
          before.seq,
        );
        if (text) writeText(database, 'todo', before.seq, owner.toWrite(), text);
        write(entry);
        return read(id)?.todo;
      });
    },
    async remove(id, entryOf) {
      return transaction(() => {
        const before = read(id);
        if (!before) return false;
        run('DELETE FROM todo WHERE seq = ?', before.seq);
        write(entryOf(before.todo));
        return true;
      });
    },
  };
}

/** The log of one owner's todos. */
export function logRows(database: Database, owner: OwnerId): OwnerRows['logs'] {
  return timedRows(database, owner, logs);
}

/** One owner's projects, with counts that triggers keep. */
export function projectRows(
  { get, each }: Database,
  owner: OwnerId,
): ListedRows<ProjectCount, object, NameKey> {
  const columns = ['project', 'todos', 'open'];
  return {
    async list({ after, offset, limit }, take) {
      const rows = each(
        `SELECT ${selection('project_count', ['project'])}, todos, open, project AS name FROM project_count
         WHERE owner = ? ${after ? 'AND project > ?' : ''} ORDER BY project_count.project LIMIT ? OFFSET ?`,
        owner.toRead(),
        ...(after ?? []),
        limit,
        offset,
      );
      for (const row of rows) {
        if (!take(readRow<ProjectCount>(row, columns), [String(row['name'])])) return;
      }
    },
    async count(_filter, most) {
      const counted = get(
        'SELECT count(*) AS n FROM (SELECT 1 FROM project_count WHERE owner = ? LIMIT ?)',
        owner.toRead(),
        most,
      );
      return Number(counted?.['n']);
    },
  };
}
