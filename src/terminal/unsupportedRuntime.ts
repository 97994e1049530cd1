import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { exitCodes } from './exitCodes.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** That this Node.js is not one we run on, with what to do. */
export function unsupportedRuntime(): OmnispindleError {
  const text = l10n.t(
    'Omnispindle needs Node.js 22 from 22.19 on, or 24 or newer; this is {0}. Install it from https://nodejs.org, then try again.',
    process.versions.node,
  );
  return new OmnispindleError('unsupported_runtime', text);
}

/** Says so on stderr. @returns the process's exit code */
export function reportUnsupportedRuntime(): number {
  sayOnStderr(`omnispindle: ${unsupportedRuntime().message}`);
  return exitCodes.failed;
}
