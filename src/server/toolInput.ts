import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { ToolError, type Tool } from './tool.ts';

/** Levels and values that arguments may have, far more than any tool takes: what checks them goes to each. */
const mostLevels = 32;
const mostValues = 10_000;
/** Characters of an error; a person or a model reads it. */
const longestError = 2_000;

/** The schema of a tool's arguments. A misspelt one is refused: what it said would be lost without a word. */
export function inputSchema(tool: Pick<Tool, 'input'>) {
  return z.strictObject(tool.input);
}

/** Checks the arguments of a call. @throws ToolError, naming those that are wrong */
export async function readInput(tool: Tool, given: unknown): Promise<Record<string, unknown>> {
  const problem = findProblem(given);
  if (problem === 'too much') {
    throw new ToolError(
      l10n.t(
        'The arguments of {0} have more than {1} levels or more than {2} values. Give fewer.',
        tool.name,
        String(mostLevels),
        String(mostValues),
      ),
    );
  }
  // It would be left out without a word.
  if (problem === 'prototype') {
    throw new ToolError(
      l10n.t('The arguments of {0} have a field "__proto__". Give it another name.', tool.name),
    );
  }
  const parsed = await inputSchema(tool).safeParseAsync(given ?? {});
  if (parsed.success) return parsed.data;
  const problems = z.prettifyError(parsed.error).slice(0, longestError);
  throw new ToolError(l10n.t('The arguments of {0} are not right. Correct them:\n{1}', tool.name, problems));
}

function findProblem(given: unknown): 'too much' | 'prototype' | undefined {
  let values = 0;
  function find(value: unknown, level: number): ReturnType<typeof findProblem> {
    if (++values > mostValues || level > mostLevels) return 'too much';
    if (typeof value !== 'object' || value === null) return undefined;
    for (const name in value) {
      if (name === '__proto__') return 'prototype';
      const found = find((value as Record<string, unknown>)[name], level + 1);
      if (found) return found;
    }
    return undefined;
  }
  return find(given, 0);
}
