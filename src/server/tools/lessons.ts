import { z } from 'zod';
import type { Lesson } from '../../store/store.ts';
import { adds, changes, reads, tool } from '../tool.ts';
import { existing, given, id, line, pageInput, pageOf, pageOutput, prose, tags } from './fields.ts';
import { grep } from './grep.ts';

const content = {
  language: line.describe('The programming language or technology it is about.'),
  topic: line.describe('What it is about, in a few words.'),
  lesson_learned: prose.min(1).describe('What was learned.'),
};
const lesson = {
  id,
  language: z.string(),
  topic: z.string(),
  lesson_learned: z.string(),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
};
const oneLesson = { lesson: z.object(lesson) };
const manyLessons = { lessons: z.array(z.object(lesson)), ...pageOutput };

const plain = (found: Lesson) => ({ ...found, tags: [...found.tags] });
const listing = ({ items, total }: { items: readonly Lesson[]; total: number }) => ({
  lessons: items.map(plain),
  total,
});

export const lessonTools = [
  tool({
    name: 'add_lesson',
    title: 'Add a lesson',
    description: 'Writes down something that was learned.',
    input: { ...content, tags: tags.default([]) },
    output: oneLesson,
    annotations: adds,
    run: async (input, { store }) => ({ lesson: plain(await (await store()).addLesson(input)) }),
  }),
  tool({
    name: 'get_lesson',
    title: 'Get a lesson',
    description: 'Returns one lesson by its id.',
    input: { lesson_id: id },
    output: oneLesson,
    annotations: reads,
    run: async ({ lesson_id }, { store }) => ({
      lesson: plain(existing(await (await store()).getLesson(lesson_id), lesson_id)),
    }),
  }),
  tool({
    name: 'update_lesson',
    title: 'Change a lesson',
    description: 'Changes the given fields of a lesson; the others stay as they are.',
    input: {
      lesson_id: id,
      updates: z
        .object({ ...content, tags })
        .partial()
        .strict()
        .refine(fields => Object.keys(fields).length > 0, 'Give at least one field to change.'),
    },
    output: oneLesson,
    annotations: changes,
    run: async ({ lesson_id, updates }, { store }) => ({
      lesson: plain(existing(await (await store()).updateLesson(lesson_id, given(updates)), lesson_id)),
    }),
  }),
  tool({
    name: 'delete_lesson',
    title: 'Delete a lesson',
    description: 'Deletes a lesson for good.',
    input: { lesson_id: id },
    output: { deleted: z.string() },
    annotations: changes,
    run: async ({ lesson_id }, { store }) => {
      existing((await (await store()).deleteLesson(lesson_id)) || undefined, lesson_id);
      return { deleted: lesson_id };
    },
  }),
  tool({
    name: 'search_lessons',
    title: 'Search lessons',
    description: 'Finds lessons by words in them; the best match first.',
    input: { query: line, ...pageInput },
    output: manyLessons,
    annotations: reads,
    run: async ({ query, ...page }, { store }) =>
      listing(await (await store()).searchLessons(query, pageOf(page))),
  }),
  tool({
    name: 'grep_lessons',
    title: 'Grep lessons',
    description:
      'Finds lessons whose topic or text matches a regular expression (JavaScript), last changed first.',
    input: {
      pattern: z.string().min(1).max(500),
      ignore_case: z.boolean().default(true),
      ...pageInput,
    },
    output: manyLessons,
    annotations: reads,
    run: async ({ pattern, ignore_case, limit, offset }, { store }) => {
      const { items } = await (await store()).listLessons({}, { limit: 100_000, offset: 0 });
      const found = grep(items, pattern, ignore_case);
      return listing({ items: found.slice(offset, offset + limit), total: found.length });
    },
  }),
  tool({
    name: 'list_lessons',
    title: 'List lessons',
    description: 'Lists lessons, last changed first, of one language or topic where given.',
    input: { language: line.optional(), topic: line.optional(), ...pageInput },
    output: manyLessons,
    annotations: reads,
    run: async ({ language, topic, ...page }, { store }) =>
      listing(await (await store()).listLessons(given({ language, topic }), pageOf(page))),
  }),
];
