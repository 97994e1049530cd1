import type { Lesson, LessonContent, LessonFilter } from './lesson.ts';
import type { Listing, Page } from './listing.ts';
import type {
  LogEntry,
  LogFilter,
  NewTodo,
  ProjectCount,
  Todo,
  TodoChanges,
  TodoField,
  TodoFilter,
} from './todo.ts';
import type { ImportCounts, StoreRecord } from './transfer/records.ts';

/**
 * One person's todos and lessons. Whatever belongs to somebody else answers as if it did not exist. Every method
 * throws StoreError `unavailable` or `busy` where the machine is at fault.
 *
 * Lists are ordered by the last change, newest first; of what changed at the same time, what was added last comes
 * first. Projects are in the order of their names' code points. A search finds what has all its words
 * ({@link searchWords}); the latest thousand matches come first, ordered by the weightiest field that has one of the
 * words, then what was added last; then the thousand before them, and so on.
 */
export interface PersonalStore {
  /** Adds a todo, and notes that in the audit log. */
  addTodo(todo: NewTodo): Promise<Todo>;
  /** The todo with that id; undefined where there is none. */
  getTodo(id: string): Promise<Todo | undefined>;
  /** Changes only these fields, and notes them in the audit log. @returns the todo after it; undefined where there is none */
  updateTodo(id: string, changes: Partial<TodoChanges>): Promise<Todo | undefined>;
  /** Moves the todo to `review`, with a comment for whoever looks at it. @returns as {@link updateTodo} */
  completeTodo(id: string, comment: string): Promise<Todo | undefined>;
  /** Deletes the todo; the audit log keeps its entries. @returns whether there was one */
  deleteTodo(id: string): Promise<boolean>;
  /**
   * Lists todos.
   * @param fields what to read of each, and its id; all where absent
   * @throws StoreError `invalid_cursor` where the page's cursor is not of this list, as every list does
   */
  queryTodos(filter: TodoFilter, page: Page, fields?: readonly TodoField[]): Promise<Listing<Todo>>;
  /**
   * Finds todos by the words of their description, project, ticket, tags and notes.
   * @throws StoreError `invalid_query` where the words hold nothing, or too much, to search for
   */
  searchTodos(words: string, page: Page): Promise<Listing<Todo>>;
  /** Lists the projects that have a todo, with how many there are and how many are open. */
  listProjects(page: Page): Promise<Listing<ProjectCount>>;
  /** Lists the changes of todos. */
  queryLogs(filter: LogFilter, page: Page): Promise<Listing<LogEntry>>;

  /** Adds a lesson. */
  addLesson(lesson: LessonContent): Promise<Lesson>;
  /** The lesson with that id; undefined where there is none. */
  getLesson(id: string): Promise<Lesson | undefined>;
  /** Changes only these fields. @returns the lesson after it; undefined where there is none */
  updateLesson(id: string, changes: Partial<LessonContent>): Promise<Lesson | undefined>;
  /** Deletes the lesson. @returns whether there was one */
  deleteLesson(id: string): Promise<boolean>;
  /** Lists lessons. */
  listLessons(filter: LessonFilter, page: Page): Promise<Listing<Lesson>>;
  /** Finds lessons by the words of their topic, language, tags and text. @throws StoreError as {@link searchTodos} */
  searchLessons(words: string, page: Page): Promise<Listing<Lesson>>;
  /** All lessons, some at a time, as they are asked for. */
  eachLesson(): AsyncIterable<Lesson>;

  /**
   * All that is theirs, once each: log entries, todos and lessons in the order in which they were added, in full, also
   * what is too large for a list.
   */
  exportRecords(): AsyncIterable<StoreRecord>;
  /**
   * Takes records over, all or none of them, as this person's, with their ids and times; whose they were does not count.
   * One that is there already is left; of two versions the one that was changed last counts, and the log keeps what
   * only the other one holds. So the same records may come any number of times.
   * @returns what became of them
   */
  importRecords(records: readonly StoreRecord[]): Promise<ImportCounts>;
}

/** A person: two tenants may have the same `sub`, so the issuer counts, too. */
export interface Owner {
  readonly issuer: string;
  readonly sub: string;
}

/** The todos and lessons of everybody, each person's apart. */
export interface Store {
  /** What belongs to that person. */
  of(owner: Owner): PersonalStore;
  /** Closes what keeps the rows; no method may be called after it. */
  close(): Promise<void>;
}
