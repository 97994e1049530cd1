import type { Authenticator, SessionRequest } from './authenticator.ts';
import { cacheToken } from './tokenCache.ts';
import type { TokenSource } from './tokenSource.ts';

/**
 * Tokens of this machine's sessions, signing in where there is none. A change in the session store, for example
 * a sign-out in another process, counts at the next call.
 */
export function sessionTokenSource(
  authenticator: Authenticator,
  { account, ...always }: Pick<SessionRequest, 'account' | 'audience' | 'scopes'> = {},
): TokenSource & { dispose(): void } {
  const source = cacheToken(
    request => authenticator.ensure({ ...(account !== undefined && { account }), ...request }),
    always,
  );
  const watching = authenticator.onDidChange(() => {
    source.invalidate();
  });
  return {
    getToken: request => source.getToken(request),
    onInvalidate: source.onInvalidate,
    dispose: () => {
      watching.dispose();
    },
  };
}
