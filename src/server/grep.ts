import { createContext, Script } from 'node:vm';
import * as l10n from '@vscode/l10n';
import type { Lesson } from '../store/lesson.ts';
import type { Page } from '../store/listing.ts';
import { ToolError } from './tool.ts';

/** How long (ms) reading and matching may take over all lessons; some patterns would take for ever. */
const timeLimit = 1_000;
/** Characters that are matched at once: each time costs a thread that watches the clock. */
const batchSize = 250_000;
/** What a lesson without any text counts for. */
const around = 100;

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
 * @throws ToolError where the pattern is not one, or takes too long for the first batch.
 */
export async function grep(
  lessons: AsyncIterable<Lesson> | Iterable<Lesson>,
  pattern: string,
  ignoreCase: boolean,
  page: Page,
): Promise<Grepped> {
  const end = performance.now() + timeLimit;
  const matchesOf = createMatcher(compile(pattern, ignoreCase), end);
  const items: Lesson[] = [];
  let batch: Lesson[] = [];
  let size = 0;
  let lookedAt = 0;
  let total = 0;
  let isOpen = true;

  /** @returns whether there was time for it */
  function matchBatch(): boolean {
    const matching = matchesOf(batch);
    if (!matching) return false;
    for (const lesson of matching) {
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

  for await (const lesson of lessons) {
    batch.push(lesson);
    size += lesson.topic.length + lesson.lesson_learned.length + around;
    if (size < batchSize && performance.now() < end) continue;
    if (!matchBatch()) return timeIsOver();
  }
  return matchBatch() ? found() : timeIsOver();
}

function compile(pattern: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(pattern, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw new ToolError(
      l10n.t(
        'The pattern is not a regular expression ({0}). Correct it, or use search_lessons.',
        (error as Error).message,
      ),
    );
  }
}

/**
 * Finds those of a batch that match, and undefined where the time is over before. V8 stops a match only
 * inside a script that has a time limit.
 */
function createMatcher(expression: RegExp, end: number): (batch: Lesson[]) => Lesson[] | undefined {
  const script = new Script(
    'batch.filter(({ topic, lesson_learned }) => matches(topic) || matches(lesson_learned))',
  );
  const globals = { batch: [] as Lesson[], matches: (text: string) => expression.test(text) };
  const context = createContext(globals);
  return batch => {
    if (batch.length === 0) return [];
    const timeout = Math.ceil(end - performance.now());
    if (timeout <= 0) return undefined;
    globals.batch = batch;
    try {
      return script.runInContext(context, { timeout }) as Lesson[];
    } catch (error) {
      // The error comes from the other context, whose Error is not ours.
      if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
      throw error;
    }
  };
}
