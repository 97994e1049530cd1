import type { Log } from '../common/log.ts';
import { plainText } from '../common/plainText.ts';
import { redact } from '../common/redact.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** Writes warnings and errors to stderr, and everything where `OMNISPINDLE_DEBUG` is set. */
export function stderrLog(env: NodeJS.ProcessEnv = process.env): Log {
  const write = (level: string, message: string) => {
    sayOnStderr(`omnispindle: ${level}${redact(plainText(message))}`);
  };
  const detail = env['OMNISPINDLE_DEBUG'] ? write : () => undefined;
  return {
    debug: message => {
      detail('', message);
    },
    info: message => {
      detail('', message);
    },
    warn: message => {
      write('warning: ', message);
    },
    error: message => {
      write('error: ', message);
    },
  };
}
