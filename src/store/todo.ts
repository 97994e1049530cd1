import { wordsOf, type SearchText } from './words.ts';

/** Where a todo stands, in the order of its life. */
export const todoStatuses = ['pending', 'initial', 'in_progress', 'blocked', 'review', 'completed'] as const;
/** One of {@link todoStatuses}. */
export type TodoStatus = (typeof todoStatuses)[number];
/** At these a todo is finished; at any other it is open. */
export const finishedStatuses: readonly TodoStatus[] = ['completed', 'review'];

/** How soon a todo matters, the least first. */
export const priorities = ['Low', 'Medium', 'High', 'Critical'] as const;
/** One of {@link priorities}. */
type Priority = (typeof priorities)[number];

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
/** What a person gives for a new todo; what is absent gets a default. */
export type NewTodo = Pick<Todo, 'description' | 'project'> & Partial<TodoChanges>;
/** What a person can change of a todo. */
export type TodoChanges = Omit<Todo, 'id' | 'created_at' | 'updated_at' | 'completed_at' | 'omitted'>;

/** What can be read of a todo. */
export type TodoField = keyof Omit<Todo, 'omitted'>;

/** Which todos a list has: those that match all that is given. */
export interface TodoFilter {
  readonly project?: string;
  readonly status?: TodoStatus;
  readonly priority?: Priority;
  readonly target_agent?: string;
  readonly ticket?: string;
  /** Only what was changed at or after this time (ISO 8601). */
  readonly since?: string;
}

/** A project, and how many todos it has. */
export interface ProjectCount {
  readonly project: string;
  readonly todos: number;
  readonly open: number;
}

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

/** Which changes the audit log is read for: those that match all that is given. */
export interface LogFilter {
  readonly todo_id?: string;
  readonly project?: string;
  /** Only changes at or after this time (ISO 8601). */
  readonly since?: string;
}

const defaults = {
  priority: 'Medium',
  status: 'pending',
  target_agent: '',
  notes: '',
  ticket: '',
  tags: [],
  metadata: {},
  comment: '',
} as const;

/** What a person writes of a todo; the rest is ours. */
export const todoContents = [
  'description',
  'project',
  'priority',
  'status',
  'target_agent',
  'notes',
  'ticket',
  'tags',
  'metadata',
  'comment',
] as const satisfies readonly (keyof TodoChanges)[];

const searchedFields: readonly (keyof TodoChanges)[] = ['description', 'project', 'ticket', 'tags', 'notes'];

/** What a search looks at, and what of it weighs most. */
export function todoText({
  description,
  project,
  ticket,
  tags,
  notes,
}: Pick<Todo, 'description' | 'project' | 'ticket' | 'tags' | 'notes'>): SearchText {
  return {
    heading: wordsOf(description),
    labels: wordsOf(project, ticket, ...tags),
    body: wordsOf(notes),
  };
}

/** What a store writes for a todo: the rows, and what a search finds it by. */
export interface TodoWriting {
  readonly todo: Todo;
  readonly text: SearchText;
  readonly entry: LogEntry;
}

/** A todo as it is when it is new. @param at the time (ISO 8601, UTC) */
export function createTodo(content: NewTodo, id: string, at: string): TodoWriting {
  const todo: Todo = {
    ...defaults,
    ...content,
    id,
    created_at: at,
    updated_at: at,
    completed_at: null,
  };
  return {
    todo,
    text: todoText(todo),
    entry: entryOf('create', todo, at, { description: { from: null, to: todo.description } }),
  };
}

/** What a store writes where a todo changes. */
export interface TodoRewriting {
  /** Only these fields are written: one that was too large to be read stays what it is. */
  readonly fields: Partial<TodoChanges> & Pick<Todo, 'updated_at' | 'completed_at'>;
  /** Absent where a search finds it by the same words. */
  readonly text?: SearchText;
  readonly entry: LogEntry;
}

/** What changes of a todo, and its log entry. A todo was completed when it was finished first. */
export function changeTodo(
  before: Todo,
  operation: 'update' | 'complete',
  changes: Partial<TodoChanges>,
  at: string,
): TodoRewriting {
  const after: Todo = { ...before, ...changes };
  const isFinished = finishedStatuses.includes(after.status);
  return {
    fields: { ...changes, updated_at: at, completed_at: isFinished ? (before.completed_at ?? at) : null },
    ...(searchedFields.some(field => changes[field] !== undefined) && { text: todoText(after) }),
    entry: entryOf(operation, after, at, difference(before, after)),
  };
}

/** What the log keeps of a todo that is deleted. */
export function deletionOf(todo: Todo, at: string): LogEntry {
  return entryOf('delete', todo, at, { description: { from: todo.description, to: null } });
}

function entryOf(
  operation: LogEntry['operation'],
  { id, project }: Todo,
  at: string,
  changes: LogEntry['changes'],
): LogEntry {
  return { todo_id: id, operation, at, project, changes };
}

function difference(before: Todo, after: Todo): LogEntry['changes'] {
  const from = (field: keyof TodoChanges) => (before.omitted?.includes(field) ? null : before[field]);
  const changed = todoContents.filter(field => !isSame(from(field), after[field]));
  return Object.fromEntries(changed.map(field => [field, { from: from(field), to: after[field] }]));
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
