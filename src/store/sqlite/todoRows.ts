import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import { createLists, itemsOf } from './listing.ts';
import { readRow, selection, toColumn } from './rows.ts';
import type { LogEntry, NewTodo, Owner, PersonalStore, ProjectCount, Todo, TodoChanges } from '../store.ts';

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

const contents = [
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
const todos = {
  table: 'todos',
  columns: ['id', ...contents, 'created_at', 'updated_at', 'completed_at'],
} as const;
const logs = { table: 'logs', columns: ['todo_id', 'operation', 'at', 'project', 'changes'] } as const;

type TodoStore = Pick<
  PersonalStore,
  | 'addTodo'
  | 'getTodo'
  | 'updateTodo'
  | 'completeTodo'
  | 'deleteTodo'
  | 'queryTodos'
  | 'searchTodos'
  | 'listProjects'
  | 'queryLogs'
>;

/** The todos of one person, and their log. */
export function todosOf(database: Database, owner: Owner): TodoStore {
  const { get, each, run, transaction } = database;
  const { issuer, sub } = owner;
  const { list, search } = createLists(database, owner);
  const mine = 'id = ? AND issuer = ? AND sub = ?';

  function find(id: string): Todo | undefined {
    const row = get(`SELECT ${selection('todos', todos.columns)} FROM todos WHERE ${mine}`, id, issuer, sub);
    return row && readRow<Todo>(row);
  }

  function log(operation: LogEntry['operation'], todo: Todo, changes: LogEntry['changes'], at: string): void {
    run(
      'INSERT INTO logs (issuer, sub, todo_id, operation, at, project, changes) VALUES (?, ?, ?, ?, ?, ?, ?)',
      issuer,
      sub,
      todo.id,
      operation,
      at,
      todo.project,
      JSON.stringify(changes),
    );
  }

  function change(
    operation: 'update' | 'complete',
    id: string,
    changes: Partial<TodoChanges>,
  ): Todo | undefined {
    return transaction(() => {
      const before = find(id);
      if (!before) return undefined;
      const at = new Date().toISOString();
      const status = changes.status ?? before.status;
      const finished = status === 'completed' || status === 'review';
      // Only what is given is written: a field that was too large to be read stays what it is.
      const given = contents.filter(column => changes[column] !== undefined);
      const assignments = [...given, 'updated_at', 'completed_at'].map(column => `${column} = ?`).join(', ');
      run(
        `UPDATE todos SET ${assignments} WHERE ${mine}`,
        ...given.map(column => toColumn(changes[column])),
        at,
        finished ? (before.completed_at ?? at) : null,
        id,
        issuer,
        sub,
      );
      const after: Todo = { ...before, ...changes };
      log(operation, after, difference(before, after), at);
      return find(id);
    });
  }

  return {
    async addTodo(todo: NewTodo) {
      const id = randomUUID();
      const at = new Date().toISOString();
      const content: TodoChanges = { ...defaults, ...todo };
      return transaction(() => {
        run(
          `INSERT INTO todos (id, issuer, sub, created_at, updated_at, ${contents.join(', ')})
           VALUES (?, ?, ?, ?, ?, ${contents.map(() => '?').join(', ')})`,
          id,
          issuer,
          sub,
          at,
          at,
          ...contents.map(column => toColumn(content[column])),
        );
        const added: Todo = { id, ...content, created_at: at, updated_at: at, completed_at: null };
        log('create', added, { description: { from: null, to: added.description } }, at);
        return added;
      });
    },
    getTodo: async id => find(id),
    updateTodo: async (id, changes) => change('update', id, changes),
    completeTodo: async (id, comment) => change('complete', id, { status: 'review', comment }),
    async deleteTodo(id) {
      return transaction(() => {
        const todo = find(id);
        if (!todo) return false;
        run(`DELETE FROM todos WHERE ${mine}`, id, issuer, sub);
        log('delete', todo, { description: { from: todo.description, to: null } }, new Date().toISOString());
        return true;
      });
    },
    queryTodos: async (filter, page, fields) =>
      list(
        {
          ...todos,
          ...(fields && { columns: todos.columns.filter(name => name === 'id' || fields.includes(name)) }),
          filter: {
            'project = ?': filter.project,
            'status = ?': filter.status,
            'priority = ?': filter.priority,
            'target_agent = ?': filter.target_agent,
            'ticket = ?': filter.ticket,
            'updated_at >= ?': filter.since,
          },
          order: 'updated_at DESC, seq DESC',
        },
        page,
      ),
    searchTodos: async (words, page) => search(todos, words, page),
    async listProjects(page) {
      const total = get(
        'SELECT count(DISTINCT project) AS total FROM todos WHERE issuer = ? AND sub = ?',
        issuer,
        sub,
      );
      const rows = each(
        `SELECT project, count(*) AS todos, sum(status NOT IN ('completed', 'review')) AS open
         FROM todos WHERE issuer = ? AND sub = ? GROUP BY project ORDER BY project LIMIT ? OFFSET ?`,
        issuer,
        sub,
        page.limit,
        page.offset,
      );
      return { items: itemsOf<ProjectCount>(rows, page), total: Number(total?.['total']) };
    },
    queryLogs: async (filter, page) =>
      list(
        {
          ...logs,
          filter: { 'todo_id = ?': filter.todo_id, 'project = ?': filter.project, 'at >= ?': filter.since },
          order: 'at DESC, seq DESC',
        },
        page,
      ),
  };
}

function difference(before: Todo, after: Todo): LogEntry['changes'] {
  const from = (column: (typeof contents)[number]) =>
    before.omitted?.includes(column) ? null : before[column];
  const changed = contents.filter(column => toColumn(from(column)) !== toColumn(after[column]));
  return Object.fromEntries(changed.map(column => [column, { from: from(column), to: after[column] }]));
}
