import * as l10n from '@vscode/l10n';
import type { Rate, Verdict } from './rateLimit.ts';

/**
 * The answer to a request over a limit: 429 (RFC 6585 section 4) with `Retry-After` (RFC 9110 section 10.2.3), and the
 * limit as draft-ietf-httpapi-ratelimit-headers-06 has it.
 */
export function tooManyRequests({ points, seconds }: Rate, { remaining, resetAfter }: Verdict): Response {
  const wait = String(Math.max(1, Math.ceil(resetAfter / 1_000)));
  const body = {
    error: 'rate_limited',
    message: l10n.t(
      'Too many requests: {0} are let in within {1} seconds. Try again in {2} seconds.',
      String(points),
      String(seconds),
      wait,
    ),
  };
  return Response.json(body, {
    status: 429,
    headers: {
      'retry-after': wait,
      'ratelimit-limit': String(points),
      'ratelimit-remaining': String(remaining),
      'ratelimit-reset': wait,
      'ratelimit-policy': `${String(points)};w=${String(seconds)}`,
      'cache-control': 'no-store',
    },
  });
}
