import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { LeftOut } from '../needs.ts';

/** What the suite inside the editor reports, a line each. */
interface Line {
  readonly event: 'begin' | 'pass' | 'fail' | 'pending' | 'end' | 'crash';
  /** The process that the suite runs in. */
  readonly pid?: number;
  readonly title?: string;
  readonly message?: string;
  readonly ms?: number;
}

export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Which of the skipped were left out, and have not failed, because this machine lacks what they need. */
  readonly leftOut?: LeftOut;
}

/**
 * Prints what the suite writes into that file, a line of JSON each, until it has ended.
 * @param signal aborted where it must end before, which has failed
 * @param print gets each line
 */
export async function readResults(
  path: string,
  signal: AbortSignal,
  print: (line: string) => void = console.log,
): Promise<Summary> {
  const summary = { passed: 0, failed: 0, skipped: 0 };
  for (let seen = 0; !signal.aborted; await delay(250, undefined, { signal }).catch(() => undefined)) {
    const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
    for (const line of lines.slice(seen)) {
      const { event, title = '', message = '', ms = 0 } = JSON.parse(line) as Line;
      if (event === 'end') return summary;
      if (event === 'begin') continue;
      if (event === 'pass') {
        summary.passed++;
        print(`  ✔ ${title} (${String(ms)} ms)`);
      } else if (event === 'pending') {
        summary.skipped++;
        print(`  - ${title}`);
      } else {
        summary.failed++;
        print(`  ✘ ${title}\n${message.replaceAll(/^/gm, '      ')}`);
        if (event === 'crash') return summary;
      }
    }
    seen = lines.length;
  }
  print('  ✘ The suite was stopped before its end.');
  return { ...summary, failed: summary.failed + 1 };
}

/** @returns the process that the suite runs in, which its first line names once it has begun */
export function readPid(path: string): number | undefined {
  const [line] = readFileSync(path, 'utf8').split('\n');
  return (JSON.parse(line || '{}') as Partial<Line>).pid;
}
