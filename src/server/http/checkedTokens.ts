import { hash } from 'node:crypto';
import type { CheckedToken, Verify } from '../../auth/verify.ts';

/** How many checks are kept; the oldest makes room. */
const mostKept = 10_000;
/** How long (ms) a check counts at most: the key that a token is signed with may be withdrawn. */
const checkAgainAfter = 10 * 60_000;

interface Check {
  readonly result: Promise<CheckedToken>;
  readonly at: number;
  /** Until when (ms since the epoch) it counts; nothing is known while the check runs. */
  until: number;
}

/**
 * Keeps the checks of tokens for some minutes, and never past a token's end: a signature costs more than the rest of a
 * call. Only a token's hash is kept. Requests that come with the same token meanwhile share one check; one that fails
 * is not kept.
 * @param keep how many are kept
 */
export function keepChecks(
  verify: Verify,
  keep: number = mostKept,
): (token: string) => Promise<CheckedToken> {
  const checks = new Map<string, Check>();

  return function check(token) {
    const key = hash('sha256', token, 'base64');
    const now = Date.now();
    const known = checks.get(key);
    // In the future: the clock was set back, and nobody knows how old it is.
    if (known && known.at <= now && now < known.until) return known.result;
    const made: Check = { result: verify(token), at: now, until: now + checkAgainAfter };
    checks.delete(key);
    checks.set(key, made);
    if (checks.size > keep) {
      for (const oldest of checks.keys()) {
        checks.delete(oldest);
        break;
      }
    }
    made.result.then(
      ({ expiresAt, countsUntil = Infinity }) => {
        made.until = Math.min(now + checkAgainAfter, expiresAt, countsUntil);
      },
      () => {
        if (checks.get(key) === made) checks.delete(key);
      },
    );
    return made.result;
  };
}
