import { z } from 'zod';
import type { Listing } from '../../store/listing.ts';
import { priorities, todoStatuses, type LogEntry, type Todo, type TodoField } from '../../store/todo.ts';
import { fit, omitted, pageOf, pageOutput, type AnswerPage } from '../answer.ts';
import { adds, changes, reads, tool } from '../tool.ts';
import { existing, given, id, line, metadata, pageInput, prose, tags, time } from '../fields.ts';

const status = z.enum(todoStatuses);
const priority = z.enum(priorities);

const content = {
  description: z.string().trim().min(1).max(2_000).describe('What is to be done.'),
  project: line.describe('The project it belongs to.'),
  priority: priority.describe('Low, Medium, High or Critical.'),
  status: status.describe('Where it stands.'),
  target_agent: z.string().max(200).describe('Who is to do it: "user", or the name of an agent.'),
  notes: prose.describe('Anything else worth knowing.'),
  ticket: z.string().max(200).describe('A ticket elsewhere that it belongs to.'),
  tags,
  metadata,
};
const { description, project, ...optional } = content;

const todo = {
  id,
  description: z.string(),
  project: z.string(),
  priority: z.enum(priorities),
  status,
  target_agent: z.string(),
  notes: z.string(),
  ticket: z.string(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  comment: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  completed_at: z.string().nullable(),
};
const todoField = z.enum(Object.keys(todo) as [TodoField, ...TodoField[]]);

const wholeTodo = z.object({ ...todo, omitted });
const oneTodo = { todo: wholeTodo };
const manyTodos = { todos: z.array(wholeTodo), ...pageOutput };

// The schemas' types can be written to, as the store's cannot.
const plain = (found: Todo) => fit(found) as z.infer<typeof wholeTodo>;
function listing(page: AnswerPage, found: Listing<Todo>) {
  const { items, rest } = page.answer(found);
  return { todos: items as z.infer<typeof wholeTodo>[], ...rest };
}

/** The tools for todos, projects and the audit log. */
export const tools = [
  tool({
    name: 'add_todo',
    title: 'Add a todo',
    description: 'Adds a todo to a project.',
    input: { description, project, ...z.object(optional).partial().shape },
    output: oneTodo,
    annotations: adds,
    scope: 'omnispindle:write',
    run: async ({ description, project, ...more }, { store }) => ({
      todo: plain(await (await store()).addTodo({ description, project, ...given(more) })),
    }),
  }),
  tool({
    name: 'get_todo',
    title: 'Get a todo',
    description: 'Returns one todo by its id.',
    input: { todo_id: id },
    output: oneTodo,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ todo_id }, { store }) => ({
      todo: plain(existing(await (await store()).getTodo(todo_id), todo_id)),
    }),
  }),
  tool({
    name: 'update_todo',
    title: 'Change a todo',
    description: 'Changes the given fields of a todo; the others stay as they are.',
    input: {
      todo_id: id,
      updates: z
        .object(content)
        .partial()
        .strict()
        .refine(fields => Object.keys(fields).length > 0, 'Give at least one field to change.'),
    },
    output: oneTodo,
    annotations: changes,
    scope: 'omnispindle:write',
    run: async ({ todo_id, updates }, { store }) => ({
      todo: plain(existing(await (await store()).updateTodo(todo_id, given(updates)), todo_id)),
    }),
  }),
  tool({
    name: 'delete_todo',
    title: 'Delete a todo',
    description: 'Deletes a todo for good; its log entries stay.',
    input: { todo_id: id },
    output: { deleted: z.string() },
    annotations: changes,
    scope: 'omnispindle:write',
    run: async ({ todo_id }, { store }) => {
      existing((await (await store()).deleteTodo(todo_id)) || undefined, todo_id);
      return { deleted: todo_id };
    },
  }),
  tool({
    name: 'complete_todo',
    title: 'Complete a todo',
    description: 'Moves a todo to "review", with a comment on what was done.',
    input: { todo_id: id, comment: prose.default('').describe('What was done, for whoever reviews it.') },
    output: oneTodo,
    annotations: changes,
    scope: 'omnispindle:write',
    run: async ({ todo_id, comment }, { store }) => ({
      todo: plain(existing(await (await store()).completeTodo(todo_id, comment), todo_id)),
    }),
  }),
  tool({
    name: 'query_todos',
    title: 'Query todos',
    description: 'Lists todos that match a filter, last changed first.',
    input: {
      filter: z
        .object({
          project: line,
          status,
          priority,
          target_agent: z.string().max(200),
          ticket: z.string().max(200),
        })
        .partial()
        .strict()
        .default({})
        .describe('Fields that must have exactly these values.'),
      projection: z
        .array(todoField)
        .min(1)
        .max(todoField.options.length)
        .optional()
        .describe('The fields to return; all where absent. The id always is.'),
      since: time
        .optional()
        .describe('Only todos changed at or after this time (ISO 8601; UTC where it names no zone).'),
      ...pageInput,
    },
    output: { todos: z.array(wholeTodo.partial()), ...pageOutput },
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ filter, projection, since, ...input }, { store }) => {
      const page = pageOf(input);
      const mine = await store();
      return listing(page, await mine.queryTodos(given({ ...filter, since }), page, projection));
    },
  }),
  tool({
    name: 'list_todos_by_status',
    title: 'List todos by status',
    description: 'Lists the todos that stand at one status, last changed first.',
    input: { status, ...pageInput },
    output: manyTodos,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ status, ...input }, { store }) => {
      const page = pageOf(input);
      return listing(page, await (await store()).queryTodos({ status }, page));
    },
  }),
  tool({
    name: 'search_todos',
    title: 'Search todos',
    description:
      'Finds todos that have all the words, the last one as the beginning of one, in their description, notes, project, ticket or tags; the best match first.',
    input: { query: line, ...pageInput },
    output: manyTodos,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ query, ...input }, { store }) => {
      const page = pageOf(input);
      return listing(page, await (await store()).searchTodos(query, page));
    },
  }),
  tool({
    name: 'list_project_todos',
    title: 'List the todos of a project',
    description: 'Lists the todos of one project, last changed first.',
    input: { project: line, ...pageInput },
    output: manyTodos,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ project, ...input }, { store }) => {
      const page = pageOf(input);
      return listing(page, await (await store()).queryTodos({ project }, page));
    },
  }),
  tool({
    name: 'list_projects',
    title: 'List projects',
    description: 'Lists the projects there are todos for, with how many and how many are open.',
    input: { ...pageInput, limit: pageInput.limit.default(500) },
    output: {
      projects: z.array(z.object({ project: z.string(), todos: z.int(), open: z.int(), omitted })),
      ...pageOutput,
    },
    annotations: reads,
    scope: 'omnispindle:read',
    run: async (input, { store }) => {
      const page = pageOf(input);
      const { items, rest } = page.answer(await (await store()).listProjects(page));
      return { projects: items, ...rest };
    },
  }),
  tool({
    name: 'query_todo_logs',
    title: 'Query the log of todos',
    description: 'Lists what was changed, by the audit log, newest first.',
    input: {
      todo_id: id.optional(),
      project: line.optional(),
      since: time
        .optional()
        .describe('Only changes at or after this time (ISO 8601; UTC where it names no zone).'),
      ...pageInput,
    },
    output: {
      entries: z.array(
        z.object({
          todo_id: z.string(),
          operation: z.enum(['create', 'update', 'complete', 'delete']),
          at: z.string(),
          project: z.string(),
          changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
          omitted,
        }),
      ),
      ...pageOutput,
    },
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ limit, offset, cursor, ...filter }, { store }) => {
      const page = pageOf({ limit, offset, cursor });
      const { items, rest } = page.answer(await (await store()).queryLogs(given(filter), page));
      return { entries: items as (LogEntry & { omitted?: string[] })[], ...rest };
    },
  }),
];
