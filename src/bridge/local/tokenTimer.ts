import { renewableFrom } from '../../sessions/session.ts';
import type { Token } from '../../sessions/tokenSource.ts';

/** A timer holds at most so many ms. */
const longestTimer = 2 ** 31 - 1;
/** How long (ms) after a token can be renewed its successor is asked for. */
const grace = 10;

/** Tells when the next token is due: when the one of the process that runs can be renewed. */
export function createTokenTimer(onDue: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(timer);
  };
  return {
    /** Waits for the end of that token, and of no other; for ever where nobody knows when that is. */
    plan({ expiresAt, lifetime }: Pick<Token, 'expiresAt' | 'lifetime'>): void {
      stop();
      if (expiresAt === undefined || lifetime === undefined) return;
      const wait = renewableFrom({ expiresAt, lifetime }) - Date.now();
      timer = setTimeout(onDue, Math.min(Math.max(wait, 0) + grace, longestTimer));
      timer.unref();
    },
    stop,
  };
}
