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

/**
 * One person's todos and lessons. Whatever belongs to somebody else answers as if it did not exist.
 *
 * Lists are ordered by the last change, newest first; of what changed at the same time, what was added last comes
 * first. Projects are in the order of their names' code points. A search finds what has all its words
 * ({@link searchWords}); the latest thousand matches come first, ordered by the weightiest field that has one of the
 * words, then what was added last; then the thousand before them, and so on.
 */
export interface PersonalStore {
  addTodo(todo: NewTodo): Promise<Todo>;
  getTodo(id: string): Promise<Todo | undefined>;
  updateTodo(id: string, changes: Partial<TodoChanges>): Promise<Todo | undefined>;
  /** Moves the todo to `review`, with a comment for whoever looks at it. */
  completeTodo(id: string, comment: string): Promise<Todo | undefined>;
  deleteTodo(id: string): Promise<boolean>;
  /**
   * @param fields what to read of each, and its id; all where absent
   * @throws StoreError `invalid_cursor` where the page's cursor is not of this list, as every list does
   */
  queryTodos(filter: TodoFilter, page: Page, fields?: readonly TodoField[]): Promise<Listing<Todo>>;
  /** @throws StoreError `invalid_query` where the words hold nothing, or too much, to search for. */
  searchTodos(words: string, page: Page): Promise<Listing<Todo>>;
  listProjects(page: Page): Promise<Listing<ProjectCount>>;
  queryLogs(filter: LogFilter, page: Page): Promise<Listing<LogEntry>>;

  addLesson(lesson: LessonContent): Promise<Lesson>;
  getLesson(id: string): Promise<Lesson | undefined>;
  updateLesson(id: string, changes: Partial<LessonContent>): Promise<Lesson | undefined>;
  deleteLesson(id: string): Promise<boolean>;
  listLessons(filter: LessonFilter, page: Page): Promise<Listing<Lesson>>;
  searchLessons(words: string, page: Page): Promise<Listing<Lesson>>;
  /** All lessons, some at a time, as they are asked for. */
  eachLesson(): AsyncIterable<Lesson>;
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
  close(): Promise<void>;
}
