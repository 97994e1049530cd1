import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createNotebook, type Notebook, type SeenTodo } from './notebook.ts';
import type { OwnStep, Step } from './steps.ts';

/** What became of a call. */
export type Outcome =
  | { readonly kind: 'answer'; readonly result: Record<string, unknown> }
  /** Nothing was done, as the tool says. */
  | { readonly kind: 'refused'; readonly words: string }
  /** It may have been carried out, or may still be. */
  | { readonly kind: 'unknown'; readonly words: string };

/** Calls a tool as one person. */
export type Call = (tool: string, input: Record<string, unknown>) => Promise<Outcome>;

/** A person who works with todos, and knows what must be answered. */
export interface Person {
  readonly notebook: Notebook;
  /** What was said to calls that were not answered. */
  readonly complaints: readonly string[];
  /** @throws ImpossibleAnswer, or AssertionError where something of somebody else is in an answer */
  take(step: Step, others: readonly Person[]): Promise<void>;
  /** Reads everything, as often as it takes to be answered. @throws as {@link take} */
  readBack(): Promise<void>;
}

const noSuchTodo = /^There is nothing of yours with the id /;
/** How a text says whose it is. */
const tags = /own[0-9a-f]{10}/g;

/** @param call may be another one each time, as a replica is */
export function createPerson(call: () => Call): Person {
  const notebook = createNotebook();
  const tag = `own${randomBytes(5).toString('hex')}`;
  const complaints: string[] = [];
  let written = 0;
  const signed = (text: string) => `${tag} ${String(++written)} ${text}`;

  async function use(tool: string, input: Record<string, unknown>): Promise<Outcome> {
    const outcome = await call()(tool, input);
    if (outcome.kind === 'unknown') complaints.push(`${tool}: ${outcome.words}`);
    for (const [found] of JSON.stringify(outcome).matchAll(tags)) {
      assert.equal(found, tag, `Somebody else's text is in the answer to ${tool}.`);
    }
    return outcome;
  }

  /** The result of a read; undefined where it was not answered. */
  async function read(tool: string, input: Record<string, unknown>) {
    const outcome = await use(tool, input);
    assert.notEqual(outcome.kind, 'refused', JSON.stringify(outcome));
    return outcome.kind === 'answer' ? outcome.result : undefined;
  }

  /** All pages of a list; undefined where one was not answered. */
  async function readAll<T>(tool: string, field: string, input: object): Promise<T[] | undefined> {
    const items: T[] = [];
    let cursor: unknown;
    do {
      const result = await read(tool, { ...input, limit: 25, ...(cursor !== undefined && { cursor }) });
      if (!result) return undefined;
      items.push(...(result[field] as T[]));
      cursor = result['next_cursor'];
    } while (cursor !== undefined);
    return items;
  }

  /** A change of one todo. @param note what is known of it where it was made, or where it may have been */
  async function change(
    tool: string,
    id: string,
    input: object,
    note: { readonly done: () => void; readonly maybe: () => void },
  ): Promise<void> {
    const todo = notebook.get(id);
    const outcome = await use(tool, { todo_id: id, ...input });
    if (outcome.kind === 'answer') {
      todo.isThere.saw(true);
      todo.acknowledged++;
      note.done();
      if (outcome.result['todo']) notebook.saw(id, outcome.result['todo'] as SeenTodo);
    } else if (outcome.kind === 'unknown') {
      todo.unanswered++;
      note.maybe();
    } else {
      assert.match(outcome.words, noSuchTodo);
      notebook.saw(id, undefined);
    }
  }

  const list = async (project?: string) => {
    const filter = project === undefined ? {} : { project };
    const todos = await readAll<SeenTodo>('query_todos', 'todos', { filter });
    if (todos) notebook.sawAll(todos, project);
    return todos;
  };
  const readLog = async (input: object = {}) =>
    readAll<{ todo_id: string }>('query_todo_logs', 'entries', input);

  async function trespass(tool: string, id: string): Promise<void> {
    const more = tool === 'update_todo' ? { updates: { notes: signed('mine now') } } : {};
    const outcome = await use(tool, { todo_id: id, ...more });
    if (outcome.kind === 'unknown') return;
    // As for an id that nobody has: nobody learns that there is one.
    const nobodys = 'x'.repeat(id.length);
    const answer = await use(tool, { todo_id: nobodys, ...more });
    assert.equal(outcome.kind, 'refused', JSON.stringify(outcome));
    if (answer.kind === 'unknown') return;
    assert.deepEqual(outcome, JSON.parse(JSON.stringify(answer).replaceAll(nobodys, id)));
  }

  async function takeWithOwn(step: OwnStep, id: string): Promise<void> {
    const { notes, comment, isThere } = notebook.get(id);
    switch (step.kind) {
      case 'update': {
        const text = signed(step.text);
        const [done, maybe] = [() => notes.wrote(text), () => notes.mayHaveWritten(text)];
        return change('update_todo', id, { updates: { notes: text } }, { done, maybe });
      }
      case 'complete': {
        const text = signed(step.text);
        const [done, maybe] = [() => comment.wrote(text), () => comment.mayHaveWritten(text)];
        return change('complete_todo', id, { comment: text }, { done, maybe });
      }
      case 'delete': {
        const [done, maybe] = [() => isThere.wrote(false), () => isThere.mayHaveWritten(false)];
        return change('delete_todo', id, {}, { done, maybe });
      }
      case 'log': {
        const entries = await readLog({ todo_id: id });
        assert.ok(entries?.every(entry => entry.todo_id === id) ?? true);
        return;
      }
      default: {
        const outcome = await use('get_todo', { todo_id: id });
        if (outcome.kind === 'answer') notebook.saw(id, outcome.result['todo'] as SeenTodo);
        else if (outcome.kind === 'refused') notebook.saw(id, undefined);
      }
    }
  }

  return {
    notebook,
    complaints,
    async take(step, others) {
      if (step.kind === 'add') {
        const content = { description: signed(step.text), project: step.project };
        const outcome = await use('add_todo', content);
        assert.notEqual(outcome.kind, 'refused', JSON.stringify(outcome));
        if (outcome.kind === 'answer') notebook.added(outcome.result['todo'] as SeenTodo);
        else notebook.mayHaveAdded(content);
      } else if (step.kind === 'list') await list();
      else if (step.kind === 'listProject') await list(step.project);
      else if (step.kind === 'search') {
        // What everybody writes; the answer has the own ones alone.
        const found = await readAll<SeenTodo>('search_todos', 'todos', { query: 'wool' });
        for (const todo of found ?? []) notebook.saw(todo.id, todo);
      } else if (step.kind === 'projects') {
        const projects = await readAll<{ project: string }>('list_projects', 'projects', {});
        assert.ok(new Set(projects?.map(({ project }) => project)).size === (projects?.length ?? 0));
      } else {
        const ids = step.kind === 'trespass' ? others.flatMap(other => other.notebook.ids()) : notebook.ids();
        const id = ids[step.which % ids.length];
        if (id === undefined) return;
        await (step.kind === 'trespass' ? trespass(step.tool, id) : takeWithOwn(step, id));
      }
    },
    async readBack() {
      let todos;
      while (!todos) todos = await list();
      let entries;
      while (!entries) entries = await readLog();
      notebook.sawLog(entries);
    },
  };
}
