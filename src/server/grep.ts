import * as l10n from '@vscode/l10n';
import type { Lesson } from '../store/lesson.ts';
import type { Page } from '../store/listing.ts';
import { openMatcher } from './patternMatcher.ts';
import { ToolError } from './tool.ts';
import { createTurns } from './turns.ts';

/** How long (ms) reading and matching may take over all lessons; some patterns would take for ever. */
const timeLimit = 1_000;
/** Characters that are matched at once. */
const batchSize = 250_000;
/** What a lesson without any text counts for. */
const around = 100;

/** One processor at most is left to patterns, beside what else there is to do; who sends many waits for themselves. */
const turns = createTurns(2, 4);

/** What a search by a pattern found. */
export interface Grepped {
  readonly items: readonly Lesson[];
  /** How many match, of those that were looked at. */
  readonly total: number;
  readonly hasMore: boolean;
  /** How many were looked at, where the time was over before all were. */
  readonly lookedAt?: number;
}

/**
 * The lessons whose topic or text matches a regular expression: those of the page, and how many in all. No
 * more of them are held at once than a batch and the page.
 * @param account whose search it is: each has one at a time
 * @throws ToolError where the pattern is not one, takes too long for the first batch, or too many of the account wait
 */
export async function grep(
  lessons: AsyncIterable<Lesson> | Iterable<Lesson>,
  pattern: string,
  ignoreCase: boolean,
  page: Page,
  account = '',
): Promise<Grepped> {
  const expression = compile(pattern, ignoreCase);
  const leave = await turns.take(account);
  if (!leave) {
    throw new ToolError(
      l10n.t('Several searches by a pattern are under way. Wait for them, then try again.'),
    );
  }
  try {
    return await match(lessons, expression, page);
  } finally {
    leave();
  }
}

async function match(
  lessons: AsyncIterable<Lesson> | Iterable<Lesson>,
  expression: RegExp,
  page: Page,
): Promise<Grepped> {
  const matcher = await openMatcher(expression, timeLimit);
  const end = performance.now() + timeLimit;
  const items: Lesson[] = [];
  let batch: Lesson[] = [];
  let size = 0;
  let lookedAt = 0;
  let total = 0;
  let isOpen = true;

  /** @returns whether there was time for it */
  async function matchBatch(): Promise<boolean> {
    if (batch.length === 0) return true;
    const texts = batch.map(({ topic, lesson_learned }) => [topic, lesson_learned]);
    const matching = await matcher.test(texts).catch((error: unknown) => {
      throw noPattern(error);
    });
    if (!matching) return false;
    for (const [i, lesson] of batch.entries()) {
      if (!matching[i]) continue;
      const place = total++ - page.offset;
      if (!isOpen || place < 0 || place >= page.limit) continue;
      isOpen = page.hasRoom?.(lesson) ?? true;
      if (isOpen) items.push(lesson);
    }
    lookedAt += batch.length;
    batch = [];
    size = 0;
    return true;
  }

  function found(): Grepped {
    return { items, total, hasMore: items.length > 0 && page.offset + items.length < total };
  }

  function timeIsOver(): Grepped {
    if (lookedAt > 0) return { ...found(), lookedAt };
    throw new ToolError(l10n.t('The pattern takes too long. Make it simpler, or use search_lessons.'));
  }

  try {
    for await (const lesson of lessons) {
      batch.push(lesson);
      size += lesson.topic.length + lesson.lesson_learned.length + around;
      if (size < batchSize && performance.now() < end) continue;
      if (!(await matchBatch())) return timeIsOver();
    }
    return (await matchBatch()) ? found() : timeIsOver();
  } finally {
    matcher.close();
  }
}

function compile(pattern: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(pattern, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw noPattern(error);
  }
}

function noPattern(error: unknown): ToolError {
  return new ToolError(
    l10n.t(
      'The pattern is not a regular expression ({0}). Correct it, or use search_lessons.',
      (error as Error).message,
    ),
  );
}
