import { plainLine } from '../../../common/plainText.ts';
import { bad, good } from '../output.ts';

/** One line of the report: what was looked at, how it is, and what to do where it is not well. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Longest message (characters) of a line. */
const longestMessage = 2_000;

/** The line, as a person reads it. */
export function lineOf({ ok, check, message }: Finding): string {
  return `${ok ? good('✔') : bad('✘')} ${check}: ${plainLine(message, longestMessage)}`;
}
