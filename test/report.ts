import type { Summary } from './editor/results.ts';
import { howToGet, type Need } from './needs.ts';

/**
 * What `npm test` says at its end.
 * @param left the suites that were left out, each with the way to get it
 */
export function report(
  results: readonly Summary[],
  left: readonly string[],
): { text: string; isGood: boolean } {
  const passed = sum(results.map(result => result.passed));
  const counts = new Map<string, number>();
  for (const [need, tests] of results.flatMap(result => Object.entries(result.leftOut ?? {}))) {
    counts.set(need, (counts.get(need) ?? 0) + tests);
  }
  const skipped = sum([...counts.values()]);
  // A test that did not run and gives no reason has not passed.
  const failed = sum(results.map(result => result.failed + result.skipped)) - skipped;
  const lines = Array.from(
    counts,
    ([need, tests]) => `${String(tests)} tests, which need ${need}: ${howToGet(need as Need)}`,
  ).concat(left);
  const text = [
    ...(lines.length > 0
      ? ['\n  Left out, because this machine lacks something:', ...lines.map(indent)]
      : []),
    `\n${String(passed)} passed, ${String(failed)} failed${skipped > 0 ? `, ${String(skipped)} skipped` : ''}`,
  ].join('\n');
  return { text, isGood: failed === 0 && passed > 0 && !results.some(isEmpty) };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const indent = (line: string) => `    ${line}`;

/** Whether nothing at all ran, without a reason. */
function isEmpty({ passed, leftOut }: Summary): boolean {
  return passed === 0 && Object.keys(leftOut ?? {}).length === 0;
}
