import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';

/** The error for a file with a mistake in it at that place, counted from 1. */
export function unreadable(path: string, format: string, line: number, column: number): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} is not valid {1} at line {2}, column {3}; nothing was changed. Correct it, then run this again.',
      path,
      format,
      String(line),
      String(column),
    ),
  );
}

/** The error for a file that is well-formed, but holds something else where servers should stand. */
export function unexpected(path: string, key: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} has something unexpected at "{1}" or where omnispindle stands in it; nothing was changed. Correct or remove that, then run this again.',
      path,
      key,
    ),
  );
}

/** The error for a file that nests deeper than any client's does, and than can be walked safely. */
export function tooDeep(path: string): OmnispindleError {
  const text = l10n.t(
    '{0} is nested too deeply; nothing was changed. Correct it, or move it away, then run this again.',
    path,
  );
  return new OmnispindleError('invalid_settings', text);
}

/** How deep a configuration may nest. */
export const depthLimit = 200;
