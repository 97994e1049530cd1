import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import type { Lesson } from '../../store/lesson.ts';
import { accountKey } from '../authenticate.ts';
import { fit, omitted, pageOf, pageOutput, type Answered, type AnswerPage } from '../answer.ts';
import { adds, changes, reads, tool } from '../tool.ts';
import { existing, given, id, line, offsetInput, pageInput, prose, tags } from '../fields.ts';
import { grep } from '../grep.ts';

const content = {
  language: line.describe('The programming language or technology it is about.'),
  topic: line.describe('What it is about, in a few words.'),
  lesson_learned: prose.min(1).describe('What was learned.'),
};
const lesson = z.object({
  id,
  language: z.string(),
  topic: z.string(),
  lesson_learned: z.string(),
  tags: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
  omitted,
});
const oneLesson = { lesson };
const manyLessons = { lessons: z.array(lesson), ...pageOutput };

// The schemas' types can be written to, as the store's cannot.
const plain = (found: Lesson) => fit(found) as z.infer<typeof lesson>;
function listing(page: AnswerPage, found: Answered<Lesson>, ...notes: string[]) {
  const { items, rest } = page.answer(found, ...notes);
  return { lessons: items as z.infer<typeof lesson>[], ...rest };
}

/** The tools for lessons. */
export const tools = [
  tool({
    name: 'add_lesson',
    title: 'Add a lesson',
    description: 'Writes down something that was learned.',
    input: { ...content, tags: tags.default([]) },
    output: oneLesson,
    annotations: adds,
    scope: 'omnispindle:write',
    run: async (input, { store }) => ({ lesson: plain(await (await store()).addLesson(input)) }),
  }),
  tool({
    name: 'get_lesson',
    title: 'Get a lesson',
    description: 'Returns one lesson by its id.',
    input: { lesson_id: id },
    output: oneLesson,
    annotations: reads,
    scope: 'omnispindle:read',
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
    scope: 'omnispindle:write',
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
    scope: 'omnispindle:write',
    run: async ({ lesson_id }, { store }) => {
      existing((await (await store()).deleteLesson(lesson_id)) || undefined, lesson_id);
      return { deleted: lesson_id };
    },
  }),
  tool({
    name: 'search_lessons',
    title: 'Search lessons',
    description:
      'Finds lessons that have all the words, the last one as the beginning of one; the best match first.',
    input: { query: line, ...pageInput },
    output: manyLessons,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ query, ...input }, { store }) => {
      const page = pageOf(input);
      return listing(page, await (await store()).searchLessons(query, page));
    },
  }),
  tool({
    name: 'grep_lessons',
    title: 'Grep lessons',
    description:
      'Finds lessons whose topic or text matches a regular expression (JavaScript), last changed first.',
    input: {
      pattern: z.string().min(1).max(500),
      ignore_case: z.boolean().default(true),
      ...offsetInput,
    },
    output: manyLessons,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ pattern, ignore_case, ...input }, { caller, store }) => {
      const page = pageOf(input);
      const found = await grep((await store()).eachLesson(), pattern, ignore_case, page, accountKey(caller));
      const note =
        found.lookedAt !== undefined &&
        l10n.t(
          'The time was over after the {0} lessons that were changed last; older ones were not looked at. Make the pattern simpler, or use search_lessons.',
          String(found.lookedAt),
        );
      return listing(page, found, ...(note ? [note] : []));
    },
  }),
  tool({
    name: 'list_lessons',
    title: 'List lessons',
    description: 'Lists lessons, last changed first, of one language or topic where given.',
    input: { language: line.optional(), topic: line.optional(), ...pageInput },
    output: manyLessons,
    annotations: reads,
    scope: 'omnispindle:read',
    run: async ({ language, topic, ...input }, { store }) => {
      const page = pageOf(input);
      return listing(page, await (await store()).listLessons(given({ language, topic }), page));
    },
  }),
];
