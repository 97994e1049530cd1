import type { Authenticator, SessionRequest } from './authenticator.ts';
import type { Session } from './session.ts';
import { needsPerson } from './silentRequest.ts';
import { cacheToken } from './tokenCache.ts';
import type { TokenRequest, TokenSource } from './tokenSource.ts';

/**
 * Tokens of this machine's sessions, signing in where there is none. A change in the session store, for example
 * a sign-out in another process, counts at the next call.
 */
export function sessionTokenSource(
  authenticator: Authenticator,
  { account, ...always }: Pick<SessionRequest, 'account' | 'audience' | 'scopes'> = {},
): TokenSource & { dispose(): void } {
  const source = cacheToken(fetchToken, always);

  async function fetchToken({ silent = false, ...request }: TokenRequest): Promise<Session> {
    const wanted = { ...(account !== undefined && { account }), ...request };
    if (!silent) return authenticator.ensure(wanted);
    const found = await authenticator.silent(wanted);
    if (!found) throw needsPerson();
    return found;
  }

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
