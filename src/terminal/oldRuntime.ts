import * as l10n from '@vscode/l10n';
import { exitCodes } from './exitCodes.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** Says on stderr that this Node.js is too old for us. @returns the process's exit code */
export function reportOldRuntime(): number {
  const text = l10n.t(
    'Omnispindle needs Node.js 24 or newer; this is {0}. Install it from https://nodejs.org, then try again.',
    process.versions.node,
  );
  sayOnStderr(`omnispindle: ${text}`);
  return exitCodes.failed;
}
