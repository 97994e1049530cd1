import type { SessionRequest } from './sessions/authenticator.ts';
import { addressOf, type SignInEvent } from './sessions/signInEvent.ts';
import { signInWords } from './sessions/signInWords.ts';
import type { Tenant } from './auth/tenant.ts';
import { isSupportedNode } from './terminal/supportedNode.ts';
import { unsupportedRuntime } from './terminal/unsupportedRuntime.ts';

if (!isSupportedNode()) throw unsupportedRuntime();

export {
  OmnispindleError,
  type ErrorCode,
  // Its name before there were errors of other kinds: whoever catches it means all of them.
  OmnispindleError as AuthError,
  type ErrorCode as AuthErrorCode,
} from './common/errors.ts';
export type { SignInEvent } from './sessions/signInEvent.ts';
export type { Tenant } from './auth/tenant.ts';

/** Whose token a program needs, and what it hears while it waits. */
export interface EnsureAuthenticatedOptions extends Pick<
  SessionRequest,
  'account' | 'audience' | 'scopes' | 'signal' | 'rejected'
> {
  /** The organization that the person signs in to, by its id (`org_…`) or name; that of `tenant` where absent. */
  readonly organization?: string;
  /**
   * Hears what a sign-in waits for: in words for a person, with the address to open where there is one, and as what
   * happened, for a program that has words of its own.
   */
  readonly onProgress?: (message: string, url: string | undefined, event: SignInEvent) => void;
  /** Where to sign in; by default what the environment, or a `.env` that the person trusts, says, else Omnispindle's own tenant. */
  readonly tenant?: Tenant;
}

/**
 * Door 3, the library: returns a valid access token, signing the person in where needed. As
 * everywhere, `AUTH0_TOKEN` comes first, and any number of processes share one sign-in and one renewal.
 * Ask before each request: a stored token that is valid for another minute costs no request to the tenant.
 * @returns the access token, for the `authorization` header (RFC 6750 section 2.1)
 * @throws OmnispindleError with a stable `code` ({@link ErrorCode}), and a message that says what to do: among others
 * `timed_out` where nobody signs in within five minutes, `cancelled` where `signal` is aborted, `invalid_settings`
 * and `invalid_token` for what the environment says, `tenant_unreachable` where trying later may help
 * @example
 * import { ensureAuthenticated } from 'omnispindle';
 *
 * const token = await ensureAuthenticated({ onProgress: message => console.error(message) });
 * await fetch('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } });
 * @example
 * // For an API of its own, and what is needed there; the session, and the sign-in, are the same.
 * import { ensureAuthenticated } from 'omnispindle';
 *
 * await ensureAuthenticated({ audience: 'https://notes.example.com/', scopes: ['notes:read'] });
 * @example
 * // Once more where the API has refused the token, and for one account.
 * import { ensureAuthenticated, OmnispindleError } from 'omnispindle';
 *
 * const account = 'ada@example.com';
 * const call = (token: string) =>
 *   fetch('https://api.example.com/', { headers: { authorization: `Bearer ${token}` } });
 * try {
 *   const token = await ensureAuthenticated({ account });
 *   const answer = await call(token);
 *   if (answer.status === 401) await call(await ensureAuthenticated({ account, rejected: token }));
 * } catch (error) {
 *   if (error instanceof OmnispindleError && error.code === 'access_denied') process.exitCode = 1;
 *   else throw error;
 * }
 */
export async function ensureAuthenticated({
  tenant: named,
  organization,
  onProgress,
  ...others
}: EnsureAuthenticatedOptions = {}): Promise<string> {
  (await import('./terminal/translation.ts')).useTranslation();
  const [{ noticesOf, readEnvironment }, { afterTenant, announce }, { stderrLog }, { useNetwork }] =
    await Promise.all([
      import('./terminal/environment.ts'),
      import('./terminal/announce.ts'),
      import('./terminal/log.ts'),
      import('./terminal/network.ts'),
    ]);
  useNetwork();
  const environment = await readEnvironment({ tenant: named });
  const tenant =
    organization === undefined
      ? environment.tenant
      : (await import('./auth/tenant.ts')).parseTenant({ ...environment.tenant, organization });
  const { fileNotice, environmentToken } = environment;
  const request = {
    ...others,
    ...(onProgress && {
      onProgress: (event: SignInEvent) => {
        onProgress(signInWords(event), addressOf(event), event);
      },
    }),
  };
  // Whoever listens says it in their own way.
  const quiet = onProgress !== undefined;
  if (fileNotice) announce([fileNotice], request, { quiet });
  if (environmentToken) {
    const [{ environmentTokenSource, environmentTokenNotice }, { createVerifier }] = await Promise.all([
      import('./terminal/environmentToken.ts'),
      import('./auth/verify.ts'),
    ]);
    const source = environmentTokenSource(environmentToken, {
      verify: createVerifier(
        others.audience === undefined ? tenant : { ...tenant, audience: others.audience },
      ),
      onUse: async checked => {
        announce([...noticesOf(environment), environmentTokenNotice(environmentToken, checked)], request, {
          quiet,
        });
      },
    });
    return (await source.getToken(request)).accessToken;
  }
  const [{ terminalAuthenticator }, { sayProgress }] = await Promise.all([
    import('./terminal/authenticator.ts'),
    import('./terminal/sayProgress.ts'),
  ]);

  // The tenant is named where somebody is about to sign in there: a program that has a session has nothing to say.
  const say = afterTenant(environment.tenantNotice, request.onProgress ?? sayProgress);
  const authenticator = await terminalAuthenticator({
    ...environment,
    tenant,
    log: stderrLog(),
    onProgress: quiet ? () => undefined : say,
  });
  const account = request.account ?? environment.account;
  const session = await authenticator.ensure({
    ...request,
    ...(quiet && { onProgress: say }),
    ...(account !== undefined && { account }),
  });
  return session.accessToken;
}
