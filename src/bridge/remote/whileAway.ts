import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../../common/errors.ts';
import { RemoteError } from './refusal.ts';
import type { RemoteOptions } from './transport.ts';

/** Longest wait (ms) that a server which is away may ask for without being an answer by itself. */
const longestAway = 4_000;
const awayCodes = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

interface AwayOptions extends Pick<RemoteOptions, 'url' | 'log' | 'limits'> {
  readonly signal: AbortSignal | undefined;
}

/** Sends something, again while the server is away. @throws Error, for `explain`, where it stays away or refuses */
export async function whileAway(
  send: () => Promise<void>,
  { url, log, limits, signal }: AwayOptions,
): Promise<void> {
  for (const wait of [...limits.backOff, undefined]) {
    try {
      await send();
      return;
    } catch (error) {
      if (wait === undefined || !isAway(error)) throw error;
      const wanted = error instanceof RemoteError ? (error.retryAfter ?? 0) : 0;
      if (wanted > longestAway) throw error;
      log.debug(`${url.origin} is away (${String(error)}); trying again.`);
      await delay(Math.max(wait, wanted), undefined, signal && { signal });
    }
  }
}

/** Whether the server cannot have heard of the request, but may be there in a moment. */
function isAway(error: unknown): boolean {
  if (error instanceof RemoteError) return error.status === 503;
  return awayCodes.has(codeOf(error));
}
