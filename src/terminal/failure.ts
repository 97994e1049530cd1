import { isAuthError, messageOf } from '../auth/errors.ts';
import { redact } from '../auth/redact.ts';
import { exitCodeOf } from './exitCodes.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** Says why a command failed: in words on stderr, or as JSON on stdout. @returns the process's exit code */
export function reportFailure(error: unknown, json = false): number {
  const message = redact(messageOf(error));
  if (json) {
    const code = isAuthError(error) ? { code: error.code } : {};
    process.stdout.write(`${JSON.stringify({ error: message, ...code })}\n`);
  } else {
    sayOnStderr(`omnispindle: ${message}`);
  }
  return exitCodeOf(error);
}
