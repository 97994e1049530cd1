import { createContext, Script } from 'node:vm';
import * as l10n from '@vscode/l10n';
import type { Lesson } from '../../store/store.ts';
import { ToolError } from '../tool.ts';

/** How long (ms) a pattern may take over all lessons; some patterns would take for ever. */
const timeLimit = 1_000;

/**
 * The lessons whose topic or text matches a regular expression.
 * @throws ToolError where the pattern is not one, or takes too long.
 */
export function grep(lessons: readonly Lesson[], pattern: string, ignoreCase: boolean): Lesson[] {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, ignoreCase ? 'iu' : 'u');
  } catch (error) {
    throw new ToolError(
      l10n.t(
        'The pattern is not a regular expression ({0}). Correct it, or use search_lessons.',
        (error as Error).message,
      ),
    );
  }
  // V8 stops a match only inside a script that has a time limit.
  const matching = new Script(
    'lessons.filter(({ topic, lesson_learned }) => matches(topic) || matches(lesson_learned))',
  );
  const matches = (text: string) => expression.test(text);
  try {
    return matching.runInContext(createContext({ lessons, matches }), { timeout: timeLimit }) as Lesson[];
  } catch (error) {
    // The error comes from the other context, whose Error is not ours.
    if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new ToolError(l10n.t('The pattern takes too long. Make it simpler, or use search_lessons.'));
    }
    throw error;
  }
}
