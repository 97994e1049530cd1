import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase, type Database, type Row } from './database.ts';
import { matchExpression } from './matchExpression.ts';
import type {
  Lesson,
  LessonContent,
  Listing,
  LogEntry,
  NewTodo,
  Page,
  PersonalStore,
  Store,
  Todo,
  TodoChanges,
} from './store.ts';

const todoDefaults = {
  priority: 'Medium',
  status: 'pending',
  target_agent: '',
  notes: '',
  ticket: '',
  tags: [],
  metadata: {},
  comment: '',
} as const;

const todoColumns = [
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
] as const;
const lessonColumns = ['language', 'topic', 'lesson_learned', 'tags'] as const;

/**
 * The embedded store: one SQLite file in `directory`, for any number of processes at once. Written in plain
 * SQL, because full-text search, its triggers and the migrations are SQLite's own anyway.
 * @param options.busyTimeout how long (ms) a write waits for another process's
 * @throws StoreError `unavailable` or `busy`, as every method of the store does
 */
export async function openSqliteStore(
  directory: string,
  options: { readonly busyTimeout?: number } = {},
): Promise<Store> {
  const database = openDatabase(join(directory, 'omnispindle.db'), options);
  return {
    of: sub => personalStore(database, sub),
    close: async () => {
      database.close();
    },
  };
}

function personalStore(database: Database, sub: string): PersonalStore {
  const { get, all, run, transaction } = database;

  function list<T>(
    from: string,
    filter: Record<string, string | undefined>,
    order: string,
    page: Page,
    read: (row: Row) => T,
  ): Listing<T> {
    const used = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const where = ['sub = ?', ...used.map(([condition]) => condition)].join(' AND ');
    const values = [sub, ...used.map(([, value]) => value)];
    const total = get(`SELECT count(*) AS total FROM ${from} WHERE ${where}`, ...values);
    const rows = all(
      `SELECT * FROM ${from} WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...values,
      page.limit,
      page.offset,
    );
    return { items: rows.map(read), total: Number(total?.['total']) };
  }

  function search<T>(table: string, words: string, page: Page, read: (row: Row) => T): Listing<T> {
    return list(
      `${table} JOIN ${table}_text ON ${table}_text.rowid = ${table}.seq`,
      { [`${table}_text MATCH ?`]: matchExpression(words) },
      `${table}_text.rank`,
      page,
      read,
    );
  }

  function findTodo(id: string): Todo | undefined {
    const row = get('SELECT * FROM todos WHERE id = ? AND sub = ?', id, sub);
    return row && toTodo(row);
  }

  function findLesson(id: string): Lesson | undefined {
    const row = get('SELECT * FROM lessons WHERE id = ? AND sub = ?', id, sub);
    return row && toLesson(row);
  }

  function log(operation: LogEntry['operation'], todo: Todo, changes: LogEntry['changes'], at: string): void {
    run(
      'INSERT INTO logs (sub, todo_id, operation, at, project, changes) VALUES (?, ?, ?, ?, ?, ?)',
      sub,
      todo.id,
      operation,
      at,
      todo.project,
      JSON.stringify(changes),
    );
  }

  function changeTodo(
    operation: 'update' | 'complete',
    id: string,
    changes: Partial<TodoChanges>,
  ): Todo | undefined {
    return transaction(() => {
      const before = findTodo(id);
      if (!before) return undefined;
      const at = new Date().toISOString();
      const after: Todo = { ...before, ...changes, updated_at: at };
      const finished = after.status === 'completed' || after.status === 'review';
      run(
        `UPDATE todos SET ${assignments(todoColumns)}, updated_at = ?, completed_at = ? WHERE id = ? AND sub = ?`,
        ...todoColumns.map(column => toColumn(after[column])),
        at,
        finished ? (before.completed_at ?? at) : null,
        id,
        sub,
      );
      log(operation, after, difference(before, after), at);
      return findTodo(id);
    });
  }

  return {
    async addTodo(todo: NewTodo) {
      const id = randomUUID();
      const at = new Date().toISOString();
      const content: TodoChanges = { ...todoDefaults, ...todo };
      return transaction(() => {
        run(
          `INSERT INTO todos (id, sub, created_at, updated_at, ${todoColumns.join(', ')}) VALUES (?, ?, ?, ?, ${marks(todoColumns)})`,
          id,
          sub,
          at,
          at,
          ...todoColumns.map(column => toColumn(content[column])),
        );
        const added = found(findTodo(id));
        log('create', added, { description: { from: null, to: added.description } }, at);
        return added;
      });
    },
    getTodo: async id => findTodo(id),
    updateTodo: async (id, changes) => changeTodo('update', id, changes),
    completeTodo: async (id, comment) => changeTodo('complete', id, { status: 'review', comment }),
    async deleteTodo(id) {
      return transaction(() => {
        const todo = findTodo(id);
        if (!todo) return false;
        run('DELETE FROM todos WHERE id = ? AND sub = ?', id, sub);
        log('delete', todo, { description: { from: todo.description, to: null } }, new Date().toISOString());
        return true;
      });
    },
    queryTodos: async (filter, page) =>
      list(
        'todos',
        {
          'project = ?': filter.project,
          'status = ?': filter.status,
          'priority = ?': filter.priority,
          'target_agent = ?': filter.target_agent,
          'ticket = ?': filter.ticket,
          'updated_at >= ?': filter.since,
        },
        'updated_at DESC, seq DESC',
        page,
        toTodo,
      ),
    searchTodos: async (words, page) => search('todos', words, page, toTodo),
    async listProjects() {
      const rows = all(
        `SELECT project, count(*) AS todos, sum(status NOT IN ('completed', 'review')) AS open
         FROM todos WHERE sub = ? GROUP BY project ORDER BY project`,
        sub,
      );
      return rows.map(row => ({
        project: String(row['project']),
        todos: Number(row['todos']),
        open: Number(row['open']),
      }));
    },
    queryLogs: async (filter, page) =>
      list(
        'logs',
        { 'todo_id = ?': filter.todo_id, 'project = ?': filter.project, 'at >= ?': filter.since },
        'at DESC, seq DESC',
        page,
        toLogEntry,
      ),

    async addLesson(lesson: LessonContent) {
      const id = randomUUID();
      const at = new Date().toISOString();
      run(
        `INSERT INTO lessons (id, sub, created_at, updated_at, ${lessonColumns.join(', ')}) VALUES (?, ?, ?, ?, ${marks(lessonColumns)})`,
        id,
        sub,
        at,
        at,
        ...lessonColumns.map(column => toColumn(lesson[column])),
      );
      return found(findLesson(id));
    },
    getLesson: async id => findLesson(id),
    async updateLesson(id, changes) {
      return transaction(() => {
        const before = findLesson(id);
        if (!before) return undefined;
        const after = { ...before, ...changes };
        run(
          `UPDATE lessons SET ${assignments(lessonColumns)}, updated_at = ? WHERE id = ? AND sub = ?`,
          ...lessonColumns.map(column => toColumn(after[column])),
          new Date().toISOString(),
          id,
          sub,
        );
        return findLesson(id);
      });
    },
    deleteLesson: async id => run('DELETE FROM lessons WHERE id = ? AND sub = ?', id, sub) > 0,
    listLessons: async (filter, page) =>
      list(
        'lessons',
        { 'language = ?': filter.language, 'topic = ?': filter.topic },
        'updated_at DESC, seq DESC',
        page,
        toLesson,
      ),
    searchLessons: async (words, page) => search('lessons', words, page, toLesson),
  };
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('A row vanished inside its own transaction.');
  return row;
}

function toColumn(value: string | readonly string[] | Record<string, unknown>): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function assignments(columns: readonly string[]): string {
  return columns.map(column => `${column} = ?`).join(', ');
}

function marks(columns: readonly string[]): string {
  return columns.map(() => '?').join(', ');
}

function difference(before: Todo, after: Todo): LogEntry['changes'] {
  const changed = todoColumns.filter(column => toColumn(before[column]) !== toColumn(after[column]));
  return Object.fromEntries(changed.map(column => [column, { from: before[column], to: after[column] }]));
}

// What our own statements wrote has these shapes: the tables are STRICT and every value was validated.
function toTodo({ seq, sub, ...row }: Row): Todo {
  return {
    ...row,
    tags: JSON.parse(String(row['tags'])),
    metadata: JSON.parse(String(row['metadata'])),
  } as Todo;
}

function toLesson({ seq, sub, ...row }: Row): Lesson {
  return { ...row, tags: JSON.parse(String(row['tags'])) } as Lesson;
}

function toLogEntry({ seq, sub, ...row }: Row): LogEntry {
  return { ...row, changes: JSON.parse(String(row['changes'])) } as LogEntry;
}
