import { isOmnispindleError, messageOf } from '../common/errors.ts';
import { filesGone } from '../common/filesGone.ts';
import { plainJson, plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { exitCodeOf, exitCodes } from './exitCodes.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** Says why a command failed: in words on stderr, or as JSON on stdout. @returns the process's exit code */
export function reportFailure(error: unknown, json = false): number {
  const message = redact(plainText(messageOf(filesGone(error) ?? error)));
  if (json) {
    const code = isOmnispindleError(error) ? { code: error.code } : {};
    process.stdout.write(`${plainJson({ error: message, ...code })}\n`);
  } else {
    sayOnStderr(`omnispindle: ${message}`);
  }
  return exitCodeOf(error);
}

/**
 * Says of an error that nobody expected where it came from; Node.js itself would show it as it is.
 * @returns the process's exit code
 */
export function reportCrash(error: unknown): number {
  const gone = filesGone(error);
  if (gone) return reportFailure(gone);
  const where = error instanceof Error ? (error.stack ?? error.message) : String(error);
  sayOnStderr(`omnispindle: ${redact(plainText(where))}`);
  return exitCodes.failed;
}
