import { plainLine } from '../../../common/plainText.ts';
import { bad, fair, good } from '../output.ts';

/** One line of the report: what was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  /** Whether it works, but could be better. */
  readonly warning?: boolean;
  readonly message: string;
}

/** Longest message (characters) of a line. */
const longestMessage = 2_000;

/** The line, as a person reads it. */
export function lineOf({ ok, warning, check, message }: Finding): string {
  const mark = warning ? fair('!') : good('✔');
  return `${ok ? mark : bad('✘')} ${check}: ${plainLine(message, longestMessage)}`;
}
