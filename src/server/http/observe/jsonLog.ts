import { destination, pino, type DestinationStream } from 'pino';
import type { Log } from '../../../common/log.ts';
import { plainText } from '../../../common/plainText.ts';
import { redact } from '../../../common/redact.ts';
import type { Observer } from './record.ts';

/** Most bytes that wait for a slow reader of the log; what comes then is dropped, and no request waits for it. */
const mostWaiting = 4 * 1024 * 1024;
/** What only asks whether the server is well, every few seconds. */
const probes = new Set(['/healthz', '/readyz']);

/** A log of JSON Lines. */
export interface JsonLog extends Observer {
  readonly log: Log;
  /** Writes what waits; nothing may be logged after it. */
  close(): void;
}

/**
 * Builds the log of the HTTP server (pino): a line for each request, and one for each message.
 * @param isDetailed whether it has what helps to find a mistake, and the probes
 * @param stream where it goes; stderr where absent
 */
export function createJsonLog(isDetailed: boolean, stream?: DestinationStream): JsonLog {
  const stderr = stream ? undefined : destination({ dest: 2, sync: false, maxLength: mostWaiting });
  // Nobody reads any more: that ends no request.
  stderr?.on('error', () => undefined);
  const logger = pino(
    {
      level: isDetailed ? 'debug' : 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: level => ({ level }) },
    },
    stream ?? stderr,
  );
  const clean = (message: string) => redact(plainText(message));
  return {
    log: {
      debug: message => {
        if (isDetailed) logger.debug(clean(message));
      },
      info: message => {
        logger.info(clean(message));
      },
      warn: message => {
        logger.warn(clean(message));
      },
      error: message => {
        logger.error(clean(message));
      },
    },
    end(record, { status, ms, isAborted }) {
      const level = status >= 500 ? 'error' : probes.has(record.path) ? 'debug' : 'info';
      const facts = { ...record, status, ms: Math.round(ms * 100) / 100, ...(isAborted && { isAborted }) };
      logger[level](facts, 'request');
    },
    close() {
      try {
        stderr?.flushSync();
      } catch {
        // Nobody reads any more.
      }
    },
  };
}
