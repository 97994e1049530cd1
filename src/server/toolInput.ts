import * as l10n from '@vscode/l10n';
import { z } from 'zod';
import { asMeant, type InputSchema } from './lenientInput.ts';
import { ToolError, type Tool } from './tool.ts';
import toolList from './generated/toolList.json' with { type: 'json' };

/** Levels and values that arguments may have, far more than any tool takes: what checks them goes to each. */
const mostLevels = 32;
const mostValues = 10_000;
/** Characters of an error; a person or a model reads it. */
const longestError = 2_000;

/** What n8n adds to the arguments that a model has written (n8n-io/n8n, issues 21716 and 37308). */
const addedByClients: readonly string[] = ['toolCallId', 'sessionId'];

/** The schema of a tool's arguments. A misspelt one is refused: what it said would be lost without a word. */
export function inputSchema(tool: Pick<Tool, 'input'>) {
  return z.strictObject(tool.input);
}

/** Reads the arguments of a call as they were meant, and checks them. @throws ToolError, naming those that are wrong */
export async function readInput(tool: Tool, given: unknown): Promise<Record<string, unknown>> {
  refuseProblems(tool, given);
  const schema = publishedSchemas.get(tool.name) ?? {};
  const meant = asMeant(schema, without(addedByClients, schema, given ?? {}));
  // There may be as much in its texts.
  refuseProblems(tool, meant);
  const parsed = await checkOf(tool).safeParseAsync(meant);
  if (parsed.success) return parsed.data;
  const problems = z.prettifyError(parsed.error).slice(0, longestError);
  throw new ToolError(l10n.t('The arguments of {0} are not right. Correct them:\n{1}', tool.name, problems));
}

/** Once for each tool: to build it takes longer than to check by it. */
const checks = new WeakMap<Tool, ReturnType<typeof inputSchema>>();

function checkOf(tool: Tool): ReturnType<typeof inputSchema> {
  const check = checks.get(tool) ?? inputSchema(tool);
  checks.set(tool, check);
  return check;
}

const publishedSchemas: ReadonlyMap<string, InputSchema> = new Map(
  toolList.map(({ name, inputSchema: schema }) => [name, schema]),
);

function without(names: readonly string[], { properties = {} }: InputSchema, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const others = Object.entries(given).filter(
    ([name]) => !names.includes(name) || Object.hasOwn(properties, name),
  );
  return Object.fromEntries(others);
}

function refuseProblems(tool: Tool, given: unknown): void {
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
