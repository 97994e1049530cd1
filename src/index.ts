import type { SessionRequest } from './auth/authenticator.ts';
import type { Tenant } from './auth/tenant.ts';

export { AuthError, type AuthErrorCode } from './auth/errors.ts';
export type { Tenant } from './auth/tenant.ts';

export interface EnsureAuthenticatedOptions extends Pick<
  SessionRequest,
  'account' | 'scopes' | 'signal' | 'onProgress' | 'rejected'
> {
  /** Where to sign in; by default what the environment and `.env` say, else Omnispindle's own tenant. */
  readonly tenant?: Tenant;
}

/**
 * Door 3, the library: returns an access token that is good now, signing the person in where needed. As
 * everywhere, `AUTH0_TOKEN` comes first, and any number of processes share one sign-in and one renewal.
 *
 * ```ts
 * import { ensureAuthenticated } from 'omnispindle';
 *
 * const token = await ensureAuthenticated({ onProgress: message => console.error(message) });
 * const answer = await fetch('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } });
 * ```
 *
 * @throws AuthError with a stable `code`, and a message that says what to do
 */
export async function ensureAuthenticated({
  tenant,
  ...request
}: EnsureAuthenticatedOptions = {}): Promise<string> {
  const [{ readEnvironment }, { stderrLog }] = await Promise.all([
    import('./terminal/environment.ts'),
    import('./terminal/log.ts'),
  ]);
  const environment = readEnvironment();
  if (environment.ownToken) {
    const [{ ownTokenSource }, { createVerifier }] = await Promise.all([
      import('./terminal/ownTokenSource.ts'),
      import('./auth/verify.ts'),
    ]);
    const source = ownTokenSource(environment.ownToken, createVerifier(tenant ?? environment.tenant));
    return (await source.getToken(request)).accessToken;
  }
  const { terminalAuthenticator } = await import('./terminal/authenticator.ts');
  const authenticator = await terminalAuthenticator({
    ...environment,
    ...(tenant && { tenant }),
    log: stderrLog(),
    // Whoever listens says it in their own way.
    ...(request.onProgress && { onProgress: () => undefined }),
  });
  const account = request.account ?? environment.account;
  const session = await authenticator.ensure({ ...request, ...(account !== undefined && { account }) });
  return session.accessToken;
}
