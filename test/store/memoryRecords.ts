import type { Lesson } from '../../src/store/lesson.ts';
import type { LogEntry, Todo } from '../../src/store/todo.ts';
import type { LogRecord, RecordType, StoreRecord } from '../../src/store/transfer/records.ts';
import { mostEntries, type RecordRows, type RecordWriting } from '../../src/store/transfer/rows.ts';
import type { SearchText } from '../../src/store/words.ts';

/** A row that is kept, with its number and what a search finds it by. */
export interface Kept<T> {
  seq: number;
  row: T;
  text: SearchText;
}

interface Tables {
  readonly todos: Kept<Todo>[];
  readonly lessons: Kept<Lesson>[];
  readonly logs: Kept<LogEntry>[];
}

/** The ids of log entries, which are no part of them. */
const ids = new WeakMap<object, string>();

/** Rows in arrays as records. */
export function memoryRecords(
  { todos, lessons, logs }: Tables,
  keep: <T>(table: Kept<T>[], row: T, text?: SearchText) => unknown,
): RecordRows {
  function tableOf(type: RecordType): { seq: number; record: StoreRecord }[] {
    if (type === 'todo') return todos.map(({ seq, row }) => ({ seq, record: { type, ...row } }));
    if (type === 'lesson') return lessons.map(({ seq, row }) => ({ seq, record: { type, ...row } }));
    return logs.map(({ seq, row }) => ({
      seq,
      record: { type, id: ids.get(row) ?? `entry ${String(seq)}`, ...row },
    }));
  }

  function write({ record, replaces, text }: RecordWriting): void {
    if (record.type === 'log') {
      const { type: _type, id, ...row } = record;
      ids.set(row, id);
      keep(logs, row);
      return;
    }
    const { type, ...row } = record;
    const table = (type === 'todo' ? todos : lessons) as Kept<{ readonly id: string }>[];
    const kept = replaces && table.find(one => one.row.id === row.id);
    if (!kept) keep(table, row, text);
    else Object.assign(kept, { row, text });
  }

  return {
    async list(type, after, take) {
      for (const { record, seq } of tableOf(type)) if (seq > after && !take(record, seq)) return;
    },
    async merge({ ids: wanted, compare, decide }) {
      const found = Object.entries(wanted).flatMap(([type, of]) =>
        tableOf(type as RecordType).filter(({ record }) => of.includes(record.id)),
      );
      const asked = compare(found.map(({ record }) => record));
      const entries = tableOf('log')
        .map(({ record }) => record as LogRecord)
        .toReversed();
      const known = asked.flatMap(id =>
        entries.filter(({ todo_id }) => todo_id === id).slice(0, mostEntries),
      );
      for (const writing of decide(known)) write(writing);
    },
  };
}
