import { wordsOf, type SearchText } from './words.ts';

/** What was learned once, to be found again. Times are ISO 8601, in UTC. */
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
/** What a person gives for a new lesson. */
export type LessonContent = Omit<Lesson, 'id' | 'created_at' | 'updated_at' | 'omitted'>;

/** Which lessons a list has: those that match all that is given. */
export interface LessonFilter {
  readonly language?: string;
  readonly topic?: string;
}

/** What a person writes of a lesson; the rest is ours. */
export const lessonContents = [
  'language',
  'topic',
  'lesson_learned',
  'tags',
] as const satisfies readonly (keyof LessonContent)[];

/** What a search looks at, and what of it weighs most. */
export function lessonText({ topic, language, tags, lesson_learned }: LessonContent): SearchText {
  return {
    heading: wordsOf(topic),
    labels: wordsOf(language, ...tags),
    body: wordsOf(lesson_learned),
  };
}

/** What a store writes where a lesson changes; only these fields. */
export interface LessonRewriting {
  readonly fields: Partial<LessonContent> & Pick<Lesson, 'updated_at'>;
  readonly text: SearchText;
}

/** What changes of a lesson. @param at the time (ISO 8601, UTC) */
export function changeLesson(before: Lesson, changes: Partial<LessonContent>, at: string): LessonRewriting {
  return { fields: { ...changes, updated_at: at }, text: lessonText({ ...before, ...changes }) };
}
