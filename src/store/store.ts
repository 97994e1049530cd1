/** Where a todo stands, in the order of its life. */
export const todoStatuses = ['pending', 'initial', 'in_progress', 'blocked', 'review', 'completed'] as const;
export type TodoStatus = (typeof todoStatuses)[number];

export const priorities = ['Low', 'Medium', 'High', 'Critical'] as const;
export type Priority = (typeof priorities)[number];

/** Times are ISO 8601, in UTC. */
export interface Todo {
  readonly id: string;
  readonly description: string;
  readonly project: string;
  readonly priority: Priority;
  readonly status: TodoStatus;
  readonly target_agent: string;
  readonly notes: string;
  readonly ticket: string;
  readonly tags: readonly string[];
  readonly metadata: Record<string, unknown>;
  /** What was said when the todo was completed. */
  readonly comment: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly completed_at: string | null;
  /** The fields that are too large to be read; they are empty here. */
  readonly omitted?: readonly string[];
}
export type NewTodo = Pick<Todo, 'description' | 'project'> & Partial<TodoChanges>;
export type TodoChanges = Omit<Todo, 'id' | 'created_at' | 'updated_at' | 'completed_at' | 'omitted'>;

/** What can be read of a todo. */
export type TodoField = keyof Omit<Todo, 'omitted'>;

export interface ProjectCount {
  readonly project: string;
  readonly todos: number;
  readonly open: number;
}

export interface Lesson {
  readonly id: string;
  readonly language: string;
  readonly topic: string;
  readonly lesson_learned: string;
  readonly tags: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  /** The fields that are too large to be read; they are empty here. */
  readonly omitted?: readonly string[];
}
export type LessonContent = Omit<Lesson, 'id' | 'created_at' | 'updated_at' | 'omitted'>;

/** One change of a todo, in the audit log. */
export interface LogEntry {
  readonly todo_id: string;
  readonly operation: 'create' | 'update' | 'complete' | 'delete';
  readonly at: string;
  readonly project: string;
  /** Fields with their values before and after. */
  readonly changes: Record<string, { readonly from: unknown; readonly to: unknown }>;
  /** The fields that are too large to be read; they are empty here. */
  readonly omitted?: readonly string[];
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  /** Whether there is room for one more, asked of each as it is read; the list ends before the first without. */
  readonly hasRoom?: (item: object) => boolean;
}

export interface TodoFilter {
  readonly project?: string;
  readonly status?: TodoStatus;
  readonly priority?: Priority;
  readonly target_agent?: string;
  readonly ticket?: string;
  /** Only what was changed at or after this time (ISO 8601). */
  readonly since?: string;
}

export interface Listing<T> {
  readonly items: readonly T[];
  /** How many there are without the page's limit. */
  readonly total: number;
  /** There are more than `total`, too many to rank: the newest come first. */
  readonly isUnranked?: true;
}

/**
 * One person's todos and lessons. Whatever belongs to somebody else answers as if it did not exist.
 * Lists are ordered by the last change, newest first.
 */
export interface PersonalStore {
  addTodo(todo: NewTodo): Promise<Todo>;
  getTodo(id: string): Promise<Todo | undefined>;
  updateTodo(id: string, changes: Partial<TodoChanges>): Promise<Todo | undefined>;
  /** Moves the todo to `review`, with a comment for whoever looks at it. */
  completeTodo(id: string, comment: string): Promise<Todo | undefined>;
  deleteTodo(id: string): Promise<boolean>;
  /** @param fields what to read of each, and its id; all where absent */
  queryTodos(filter: TodoFilter, page: Page, fields?: readonly TodoField[]): Promise<Listing<Todo>>;
  /** @throws StoreError `invalid_query` where the words hold nothing, or too much, to search for. */
  searchTodos(words: string, page: Page): Promise<Listing<Todo>>;
  listProjects(page: Page): Promise<Listing<ProjectCount>>;
  queryLogs(
    filter: { todo_id?: string; project?: string; since?: string },
    page: Page,
  ): Promise<Listing<LogEntry>>;

  addLesson(lesson: LessonContent): Promise<Lesson>;
  getLesson(id: string): Promise<Lesson | undefined>;
  updateLesson(id: string, changes: Partial<LessonContent>): Promise<Lesson | undefined>;
  deleteLesson(id: string): Promise<boolean>;
  listLessons(filter: { language?: string; topic?: string }, page: Page): Promise<Listing<Lesson>>;
  searchLessons(words: string, page: Page): Promise<Listing<Lesson>>;
  /** All lessons, each read when it is asked for; whoever leaves the loop ends the reading. */
  eachLesson(): Iterable<Lesson>;
}

/** A person: two tenants may have the same `sub`, so the issuer counts, too. */
export interface Owner {
  readonly issuer: string;
  readonly sub: string;
}

export interface Store {
  /** What belongs to that person. */
  of(owner: Owner): PersonalStore;
  close(): Promise<void>;
}

/** An error of the store a person can act on. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: 'invalid_query' | 'unavailable' | 'busy';

  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
