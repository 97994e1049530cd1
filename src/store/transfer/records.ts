import type { Lesson } from '../lesson.ts';
import { todoContents, type LogEntry, type Todo } from '../todo.ts';

/** What a store can give away and take over, each with all of its fields: none is left out, however large it is. */
export type TodoRecord = { readonly type: 'todo' } & Omit<Todo, 'omitted'>;
/** A lesson, as {@link TodoRecord} is a todo. */
export type LessonRecord = { readonly type: 'lesson' } & Omit<Lesson, 'omitted'>;
/** An entry of the audit log. Its id is known to stores alone: by it an entry that comes again is known. */
export type LogRecord = { readonly type: 'log'; readonly id: string } & Omit<LogEntry, 'omitted'>;
/** Any of them. */
export type StoreRecord = TodoRecord | LessonRecord | LogRecord;
/** What kinds of records there are, in the order in which they are given away. */
export const recordTypes = ['log', 'todo', 'lesson'] as const satisfies readonly StoreRecord['type'][];
/** One of {@link recordTypes}. */
export type RecordType = (typeof recordTypes)[number];

/** How many records of each type there are. */
export type TypeCounts = Record<RecordType, number>;

/** Counts records by their types. @returns new counts, of none where none are given */
export function countTypes(records: readonly StoreRecord[] = []): TypeCounts {
  const counts = { todo: 0, lesson: 0, log: 0 };
  for (const { type } of records) counts[type]++;
  return counts;
}

/** What became of records that were taken over. */
export interface ImportCounts {
  /** Were not there. */
  readonly added: number;
  /** Were there already, alike in every field. */
  readonly same: number;
  /** Took the place of an older version of theirs. */
  readonly newer: number;
  /** Were left out, because a later version of theirs is there. */
  readonly older: number;
}

/** Of no records. */
export const noCounts: ImportCounts = { added: 0, same: 0, newer: 0, older: 0 };

/** The counts of two lots of records. */
export function sumOf(a: ImportCounts, b: ImportCounts): ImportCounts {
  return {
    added: a.added + b.added,
    same: a.same + b.same,
    newer: a.newer + b.newer,
    older: a.older + b.older,
  };
}

/** The fields of a record as a store without ours would name them: all but its type, in the order of a line. */
export const recordFields = {
  todo: ['id', ...todoContents, 'created_at', 'updated_at', 'completed_at'],
  lesson: ['id', 'language', 'topic', 'lesson_learned', 'tags', 'created_at', 'updated_at'],
  log: ['id', 'todo_id', 'operation', 'at', 'project', 'changes'],
} as const satisfies {
  todo: readonly (keyof TodoRecord)[];
  lesson: readonly (keyof LessonRecord)[];
  log: readonly (keyof LogRecord)[];
};
