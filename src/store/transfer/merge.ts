import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { lessonContents, lessonText } from '../lesson.ts';
import { todoContents, todoText } from '../todo.ts';
import {
  noCounts,
  type ImportCounts,
  type LessonRecord,
  type LogRecord,
  type RecordType,
  type StoreRecord,
  type TodoRecord,
} from './records.ts';
import type { Merge, RecordWriting } from './rows.ts';

type Versioned = TodoRecord | LessonRecord;

/**
 * Decides what becomes of records. One that is there in the same words is left. Of two versions the one that was
 * changed last counts, and the one that is there where both were changed at the same time; what only the other one
 * holds is kept in the audit log. Nothing is ever deleted.
 * @param records in any order; log entries before the todos that they are about spare an entry that says the same
 */
export function mergeOf(records: readonly StoreRecord[]): Merge & { counts(): ImportCounts } {
  const there = new Map<string, StoreRecord>();
  const entries = new Map<string, LogRecord[]>();
  const writings = new Map<string, RecordWriting>();
  let counts = noCounts;

  const count = (kind: keyof ImportCounts) => {
    counts = { ...counts, [kind]: counts[kind] + 1 };
  };

  function note(entry: LogRecord): void {
    const known = entries.get(entry.todo_id);
    if (known) known.push(entry);
    else entries.set(entry.todo_id, [entry]);
  }

  function write(record: StoreRecord): void {
    const key = keyOf(record);
    const replaces = writings.get(key)?.replaces ?? there.has(key);
    writings.set(key, { record, replaces, ...textOf(record) });
    there.set(key, record);
  }

  function add(record: StoreRecord): void {
    write(record);
    if (record.type === 'log') note(record);
  }

  /** An entry never changes: one that has another's id is another entry. */
  function addEntry(record: LogRecord): void {
    const before = there.get(keyOf(record));
    if (!before) add(record);
    else if (isDeepStrictEqual(before, record)) return count('same');
    else {
      const own = { ...record, id: digestOf(record) };
      if (there.has(keyOf(own))) return count('same');
      add(own);
    }
    count('added');
  }

  function addVersion(record: Versioned): void {
    const before = there.get(keyOf(record)) as Versioned | undefined;
    if (!before) {
      add(record);
      return count('added');
    }
    if (isDeepStrictEqual(before, record)) return count('same');
    const isNewer = record.updated_at > before.updated_at;
    const [winner, loser] = isNewer ? [record, before] : [before, record];
    const rest = onlyIn(loser, winner, entries.get(loser.id) ?? []);
    if (rest && !there.has(keyOf(rest))) add(rest);
    if (isNewer) write(record);
    count(isNewer ? 'newer' : 'older');
  }

  return {
    ids: {
      log: [...new Set(records.filter(isEntry).flatMap(entry => [entry.id, digestOf(entry)]))],
      todo: idsOf(records, 'todo'),
      lesson: idsOf(records, 'lesson'),
    },
    compare(found) {
      // Where a transaction had to be done again, all begins again.
      for (const map of [there, entries, writings]) map.clear();
      counts = noCounts;
      for (const record of found) there.set(keyOf(record), record);
      const seen = new Map(there);
      const differing = new Set<string>();
      for (const record of records) {
        const before = seen.get(keyOf(record));
        if (before && !isEntry(record) && !isDeepStrictEqual(before, record)) differing.add(record.id);
        seen.set(keyOf(record), record);
      }
      return [...differing];
    },
    decide(known) {
      for (const entry of known) note(entry);
      for (const record of records) {
        if (isEntry(record)) addEntry(record);
        else addVersion(record);
      }
      return [...writings.values()];
    },
    counts: () => counts,
  };
}

/** An entry that keeps what one version holds, and neither the other one nor the log; undefined where that is nothing. */
function onlyIn(loser: Versioned, winner: Versioned, entries: readonly LogRecord[]): LogRecord | undefined {
  const names: readonly string[] = loser.type === 'todo' ? todoContents : lessonContents;
  const [lost, kept] = [loser, winner] as unknown as Readonly<Record<string, unknown>>[];
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const name of names) {
    const [from, to] = [lost?.[name], kept?.[name]];
    const isKept = entries.some(({ changes: { [name]: change } }) =>
      [change?.from, change?.to].some(value => isDeepStrictEqual(value, from)),
    );
    if (!isKept && !isDeepStrictEqual(from, to)) changes[name] = { from, to };
  }
  if (Object.keys(changes).length === 0) return undefined;
  const entry = {
    type: 'log',
    id: '',
    todo_id: winner.id,
    operation: 'update',
    at: winner.updated_at,
    project: winner.type === 'todo' ? winner.project : '',
    changes,
  } as const;
  return { ...entry, id: digestOf(entry) };
}

function textOf(record: StoreRecord): Pick<RecordWriting, 'text'> {
  if (record.type === 'todo') return { text: todoText(record) };
  return record.type === 'lesson' ? { text: lessonText(record) } : {};
}

/** An id that the same entry has whenever it comes. */
function digestOf(entry: LogRecord): string {
  const { todo_id, operation, at, project, changes } = entry;
  const content = JSON.stringify([todo_id, operation, at, project, changes]);
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

function keyOf({ type, id }: StoreRecord): string {
  return `${type} ${id}`;
}

function idsOf(records: readonly StoreRecord[], type: RecordType): string[] {
  return [...new Set(records.filter(record => record.type === type).map(({ id }) => id))];
}

function isEntry(record: StoreRecord): record is LogRecord {
  return record.type === 'log';
}
