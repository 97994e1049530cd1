import type { Log } from '../auth/log.ts';
import { redact } from '../auth/redact.ts';

/** Writes warnings and errors to stderr, and everything where `OMNISPINDLE_DEBUG` is set. */
export function stderrLog(env: NodeJS.ProcessEnv = process.env): Log {
  const write = (level: string, message: string) => {
    process.stderr.write(`omnispindle: ${level}${redact(message)}\n`);
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
