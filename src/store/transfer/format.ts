import * as z from 'zod/mini';
import { isObject } from '../../common/isObject.ts';
import { priorities, todoStatuses } from '../todo.ts';
import type { StoreRecord } from './records.ts';

/** What the first line names; `docs/export-format.md` describes the lines. */
export const formatName = 'omnispindle-export';
/** The version of the format that is written, and the only one that is read. */
export const formatVersion = 1;

/** Characters: what an index of a database takes. */
const [longestId, longestName] = [200, 500];
const id = z.string().check(z.minLength(1), z.maxLength(longestId));
const name = z.string().check(z.maxLength(longestName));
/** ISO 8601; written as the stores compare it. */
const time = z.pipe(
  z.string().check(
    z.maxLength(64),
    z.refine(text => /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(inUtc(text)))),
  ),
  z.transform((text: string) => new Date(inUtc(text)).toISOString()),
);
/** Without a zone JavaScript takes a time for this machine's, and it would be another one on each. */
function inUtc(text: string): string {
  return /\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?$/.test(text) ? `${text}Z` : text;
}
const tags = z.array(z.string());
// As they are: a schema of their members would drop some names.
const object = z.custom<Record<string, unknown>>(isObject);
const changes = z.custom<Extract<StoreRecord, { type: 'log' }>['changes']>(
  value => isObject(value) && Object.values(value).every(isObject),
);

const todo = z.strictObject({
  type: z.literal('todo'),
  id,
  description: z.string(),
  project: name,
  priority: z.enum(priorities),
  status: z.enum(todoStatuses),
  target_agent: name,
  notes: z.string(),
  ticket: name,
  tags,
  metadata: object,
  comment: z.string(),
  created_at: time,
  updated_at: time,
  completed_at: z.nullable(time),
});
const lesson = z.strictObject({
  type: z.literal('lesson'),
  id,
  language: name,
  topic: name,
  lesson_learned: z.string(),
  tags,
  created_at: time,
  updated_at: time,
});
const log = z.strictObject({
  type: z.literal('log'),
  id,
  todo_id: id,
  operation: z.enum(['create', 'update', 'complete', 'delete']),
  at: time,
  project: name,
  changes,
});
const count = z.int().check(z.nonnegative());

/** The last line: how many records are before it, so that a file that was cut off is known. */
const end = z.strictObject({ type: z.literal('end'), todos: count, lessons: count, logs: count });

/** The first line. */
export const header = z.strictObject({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  exported_at: time,
});

/** Any line after it. */
export const afterHeader = z.discriminatedUnion('type', [todo, lesson, log, end]);

/** The last line. */
export type EndLine = z.infer<typeof end>;
