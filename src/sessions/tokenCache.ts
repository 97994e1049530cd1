import { extraScopes } from './accessTokens.ts';
import { isGood } from './session.ts';
import type { Token, TokenRequest, TokenSource } from './tokenSource.ts';

/** A token with its life, as the one who keeps the session gives it. */
export type LiveToken = Required<Pick<Token, 'expiresAt' | 'lifetime'>> & Token;

/** How many tokens are remembered, each for an audience and a set of scopes. */
const mostTokens = 64;

/**
 * A token source that asks again only when the token it has is near its end, was refused, or was
 * invalidated; so that a tool call costs nothing, and a sign-out still counts at the next one.
 * @param fetchToken asks whoever keeps the session; concurrent needs share one request there.
 * @param always what every token is for, where a request does not say, and the scopes that it must have besides the
 * default ones
 */
export function cacheToken(
  fetchToken: (request: TokenRequest & { readonly scopes: readonly string[] }) => Promise<LiveToken>,
  always: Pick<TokenRequest, 'audience' | 'scopes'> = {},
): TokenSource & Required<Pick<TokenSource, 'onInvalidate'>> & { forget(): void; invalidate(): void } {
  const known = new Map<string, LiveToken>();
  const listeners: (() => void)[] = [];
  let generation = 0;
  return {
    async getToken(request) {
      const scopes = extraScopes([...(always.scopes ?? []), ...(request.scopes ?? [])]);
      const audience = request.audience ?? always.audience;
      // A token with more scopes than are asked for, or for another API, does not do for this request.
      const key = JSON.stringify([audience, ...scopes.toSorted()]);
      const held = known.get(key);
      if (held && isGood(held, request.rejected)) return held;
      const asked = generation;
      const fresh = await fetchToken({ ...request, ...(audience !== undefined && { audience }), scopes });
      if (asked === generation) {
        if (known.size >= mostTokens) known.clear();
        known.set(key, fresh);
      }
      return fresh;
    },
    forget() {
      known.clear();
    },
    invalidate() {
      known.clear();
      generation++;
      for (const listener of listeners) listener();
    },
    onInvalidate(listener) {
      listeners.push(listener);
    },
  };
}
