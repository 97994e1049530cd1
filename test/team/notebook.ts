import { createCell, ImpossibleAnswer, type Cell } from './cell.ts';

/** A todo, as the tools answer it. */
export interface SeenTodo {
  readonly id: string;
  readonly description: string;
  readonly project: string;
  readonly notes: string;
  readonly comment: string;
}

/** A todo, as its person knows it. */
interface KnownTodo {
  readonly id: string;
  readonly description: string;
  readonly project: string;
  readonly notes: Cell<string>;
  readonly comment: Cell<string>;
  readonly isThere: Cell<boolean>;
  /** How many of its changes were acknowledged, and how many had no answer. */
  acknowledged: number;
  unanswered: number;
}

/** A new todo's fields. */
interface Content {
  readonly description: string;
  readonly project: string;
}

/** One person's todos as they must be after every call, in memory. */
export interface Notebook {
  /** The ids of all todos that were ever added. */
  ids(): string[];
  get(id: string): KnownTodo;
  added(todo: SeenTodo): void;
  mayHaveAdded(content: Content): void;
  /** One todo was read, or there was none. @throws ImpossibleAnswer */
  saw(id: string, todo: SeenTodo | undefined): void;
  /** All todos were listed, or those of one project. @throws ImpossibleAnswer */
  sawAll(todos: readonly SeenTodo[], project?: string): void;
  /** The whole log was read. @throws ImpossibleAnswer where an acknowledged change is not in it, or there is one too many */
  sawLog(entries: readonly { readonly todo_id: string }[]): void;
  /** How many writes were acknowledged. */
  acknowledged(): number;
}

export function createNotebook(): Notebook {
  const todos = new Map<string, KnownTodo>();
  /** Added without an answer, by their descriptions. */
  const maybe = new Map<string, Content>();

  function add({ id, description, project, notes, comment }: SeenTodo, acknowledged: number): KnownTodo {
    const todo = {
      id,
      description,
      project,
      notes: createCell(notes),
      comment: createCell(comment),
      isThere: createCell(true),
      acknowledged,
      unanswered: 1 - acknowledged,
    };
    todos.set(id, todo);
    return todo;
  }

  /** @throws ImpossibleAnswer */
  function known(seen: SeenTodo): KnownTodo {
    const todo = todos.get(seen.id);
    if (todo) return todo;
    const content = maybe.get(seen.description);
    if (content?.project !== seen.project) {
      throw new ImpossibleAnswer(`nobody added ${JSON.stringify(seen)}`);
    }
    maybe.delete(seen.description);
    return add(seen, 0);
  }

  /** @throws ImpossibleAnswer */
  function get(id: string): KnownTodo {
    const todo = todos.get(id);
    if (!todo) throw new ImpossibleAnswer(`nobody added ${id}`);
    return todo;
  }

  /** @throws ImpossibleAnswer */
  function read(seen: SeenTodo): void {
    const todo = known(seen);
    if (seen.description !== todo.description || seen.project !== todo.project) {
      throw new ImpossibleAnswer(`${JSON.stringify(seen)} was ${todo.description}`);
    }
    todo.isThere.saw(true);
    todo.notes.saw(seen.notes);
    todo.comment.saw(seen.comment);
  }

  return {
    ids: () => [...todos.keys()],
    get,
    added(todo) {
      add(todo, 1);
    },
    mayHaveAdded(content) {
      maybe.set(content.description, content);
    },
    saw(id, todo) {
      if (todo) read(todo);
      else get(id).isThere.saw(false);
    },
    sawAll(seen, project) {
      const ids = new Set(seen.map(({ id }) => id));
      if (ids.size !== seen.length) throw new ImpossibleAnswer('a todo is listed twice');
      for (const todo of seen) {
        if (project !== undefined && todo.project !== project) {
          throw new ImpossibleAnswer(`${todo.description} is not of ${project}`);
        }
        read(todo);
      }
      for (const todo of todos.values()) {
        if (!ids.has(todo.id) && (project ?? todo.project) === todo.project) todo.isThere.saw(false);
      }
    },
    sawLog(entries) {
      const counts = Map.groupBy(entries, entry => entry.todo_id);
      for (const { id, description, acknowledged, unanswered } of todos.values()) {
        const logged = counts.get(id)?.length ?? 0;
        if (logged < acknowledged || logged > acknowledged + unanswered) {
          throw new ImpossibleAnswer(
            `${String(logged)} changes of ${description} are in the log, ${String(acknowledged)} were acknowledged`,
          );
        }
      }
      for (const id of counts.keys()) get(id);
    },
    acknowledged: () => [...todos.values()].reduce((sum, todo) => sum + todo.acknowledged, 0),
  };
}
