import type { Lesson, LessonFilter, LessonRewriting } from './lesson.ts';
import type { Owner } from './store.ts';
import type {
  LogEntry,
  LogFilter,
  ProjectCount,
  Todo,
  TodoField,
  TodoFilter,
  TodoRewriting,
  TodoWriting,
} from './todo.ts';
import type { RecordRows } from './transfer/rows.ts';
import type { SearchText, SearchWords } from './words.ts';

/** Bytes of a field from which on it is not read: more than any tool has accepted, but for old metadata. */
export const largestField = 100_000;
/** Bytes of a log entry's changes: it has the fields of one todo twice, as JSON in JSON. */
export const largestChanges = 500_000;

/** Where a row stands in a list by time: its time, and its number in the order in which rows were added. */
export type TimeKey = readonly [time: string, seq: number];
/** Where a project stands in its list. */
export type NameKey = readonly [name: string];

/** Takes a row and where it stands. @returns whether it takes another one */
export type Take<T, Key> = (row: T, key: Key) => boolean;

/** Which part of a list to read. */
export interface Slice<Filter, Key> {
  readonly filter: Filter;
  /** Only what comes after this. */
  readonly after?: Key | undefined;
  /** How many to pass over. */
  readonly offset: number;
  readonly limit: number;
}

/** Rows in the order of their keys; times from the latest to the earliest, and seqs from the highest to the lowest. */
export interface ListedRows<T, Filter, Key> {
  /** Gives the rows of a slice, one by one, until `take` wants no more. @param fields what to read of each; all where absent */
  list(slice: Slice<Filter, Key>, take: Take<T, Key>, fields?: readonly TodoField[]): Promise<void>;
  /** Counts no further than `most`. */
  count(filter: Filter, most: number): Promise<number>;
}

/** A row that a search has found. */
export interface Match {
  readonly seq: number;
  /** The weightiest part that has one of the words: 0 is the heading, 1 the labels, 2 the body. */
  readonly weight: number;
}

/** Rows that are found by their words. */
export interface SearchedRows<T> {
  find(id: string): Promise<T | undefined>;
  /** The matches from the highest seq (or `from`) downwards, `most` of them at most. */
  matches(words: SearchWords, most: number, from?: number): Promise<Match[]>;
  /** Counts the matches, no further than `most`. */
  countMatches(words: SearchWords, most: number): Promise<number>;
  /** Gives the rows of these matches, in this order; without those that are gone. */
  at(matches: readonly Match[], take: Take<T, Match>): Promise<void>;
}

/** The todos of one owner. */
export interface TodoRows extends ListedRows<Todo, TodoFilter, TimeKey>, SearchedRows<Todo> {
  add(writing: TodoWriting): Promise<void>;
  /** Reads a todo, asks what to write, and writes it, all in one transaction. @returns the todo, where there is one */
  change(id: string, decide: (before: Todo) => TodoRewriting): Promise<Todo | undefined>;
  /** Removes a todo and writes the log entry about it in one transaction. @returns whether there was one */
  remove(id: string, entryOf: (before: Todo) => LogEntry): Promise<boolean>;
}

/** The lessons of one owner. */
export interface LessonRows extends ListedRows<Lesson, LessonFilter, TimeKey>, SearchedRows<Lesson> {
  add(lesson: Lesson, text: SearchText): Promise<void>;
  change(id: string, decide: (before: Lesson) => LessonRewriting): Promise<Lesson | undefined>;
  remove(id: string): Promise<boolean>;
}

/** The rows of one owner. */
export interface OwnerRows {
  readonly todos: TodoRows;
  readonly lessons: LessonRows;
  readonly logs: ListedRows<LogEntry, LogFilter, TimeKey>;
  /** Counted as todos are written, in the same transaction; a project without todos is not listed. */
  readonly projects: ListedRows<ProjectCount, object, NameKey>;
  /** All of them, to be given away and taken over. */
  readonly records: RecordRows;
}

/**
 * What keeps rows: it makes no id and no time, has no default, and compares words as they are given. A field that is
 * larger than {@link largestField} is never loaded, but in a record: it is empty, and named in `omitted`. All throw StoreError
 * `unavailable` or `busy` where the machine is at fault.
 */
export interface StoreEngine {
  of(owner: Owner): OwnerRows;
  close(): Promise<void>;
}
