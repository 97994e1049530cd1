import { createJsonLog, type JsonLog } from '../server/http/observe/jsonLog.ts';
import { sayOnStderr } from './sayOnStderr.ts';

/** The log of a team's server, and how a person hears of it. */
export interface ServerLog {
  readonly json: JsonLog;
  say(message: string): void;
}

/**
 * Opens the log of a command of a team's server, and says what its settings file gives to say. A terminal gets plain
 * words; a program that reads the log reads nothing but JSON.
 * @param isDetailed whether it has what helps to find a mistake
 */
export function openServerLog(isDetailed: boolean, notices: readonly string[]): ServerLog {
  const json = createJsonLog(isDetailed);
  const { log } = json;
  const [say, warn] = process.stderr.isTTY ? [sayOnStderr, sayOnStderr] : [log.info, log.warn];
  for (const notice of notices) warn(notice);
  return { json, say };
}
