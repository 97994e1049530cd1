import { isGood } from './session.ts';
import type { Token, TokenRequest, TokenSource } from './tokenSource.ts';

/** A token with its life, as the one who keeps the session gives it. */
export type LiveToken = Required<Pick<Token, 'expiresAt' | 'lifetime'>> & Token;

/**
 * A token source that asks again only when the token it has is near its end, was refused, or was
 * invalidated; so that a tool call costs nothing, and a sign-out still counts at the next one.
 * @param fetchToken asks whoever keeps the session; concurrent needs share one request there.
 * @param always scopes that every token must have besides the default ones
 */
export function cacheToken(
  fetchToken: (request: TokenRequest & { readonly scopes: readonly string[] }) => Promise<LiveToken>,
  always: readonly string[] = [],
): TokenSource & { invalidate(): void } {
  let known: LiveToken | undefined;
  let generation = 0;
  return {
    async getToken(request) {
      // Scopes are asked for once, when a server has said that they are missing.
      if (known && !request.scopes && isGood(known, request.rejected)) return known;
      const asked = generation;
      const scopes = [...new Set([...always, ...(request.scopes ?? [])])];
      const fresh = await fetchToken({ ...request, scopes });
      if (asked === generation) known = fresh;
      return fresh;
    },
    invalidate() {
      known = undefined;
      generation++;
    },
  };
}
