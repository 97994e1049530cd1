import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import type { Notice, TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import type { CheckedToken } from '../auth/verify.ts';
import type { Environment } from './environment.ts';

type EnvironmentToken = NonNullable<Environment['environmentToken']>;
type Verify<T = unknown> = (token: string) => Promise<T>;

/** How an `AUTH0_TOKEN` is checked and announced. */
export interface EnvironmentTokenOptions<T> {
  /** Checks it before it is first handed out; when it expires after that, whoever uses it finds out. */
  readonly verify: Verify<T>;
  /** Told whose it is at each need, before it is handed out. */
  readonly onUse?: (checked: T, request: TokenRequest) => Promise<void>;
}

/** The `AUTH0_TOKEN` of the environment: it is never renewed, and no browser is opened. */
export function environmentTokenSource<T>(
  given: EnvironmentToken,
  { verify, onUse }: EnvironmentTokenOptions<T>,
): TokenSource {
  let found: { readonly checked: T } | undefined;
  return {
    async getToken(request) {
      if (request.rejected === given.token) throw notUsable(given);
      found ??= { checked: await verifyEnvironmentToken(given, verify) };
      await onUse?.(found.checked, request);
      return { accessToken: given.token };
    },
  };
}

/** Whose token it is, for people. */
export function holderOf({ sub, name, email }: CheckedToken): string {
  return plainLine(email ?? name ?? sub);
}

/** Says whose token counts instead of a sign-in, and where it was found. */
export function environmentTokenNotice({ origin }: EnvironmentToken, checked: CheckedToken): Notice {
  const message = l10n.t(
    'AUTH0_TOKEN from {0} is used instead of a sign-in: everything runs as {1}.',
    origin,
    holderOf(checked),
  );
  return { about: 'token', message };
}

/** Says which API the token of the environment is for, where nobody here knows which one it should be for. */
export function environmentTokenApiNotice({ audience = [] }: CheckedToken): Notice {
  const message =
    audience.length > 0
      ? l10n.t('AUTH0_TOKEN is for the API {0}.', plainLine(audience.join(', ')))
      : l10n.t('AUTH0_TOKEN names no API that it is for.');
  return { about: 'token', message };
}

/** Whether the token has the form of a signed one (RFC 7515 section 3.1): three parts. Others say nothing of their issuer, signature or time. */
export function isSigned({ token }: EnvironmentToken): boolean {
  return token.split('.').length === 3;
}

/** Says that a token is passed on of which only the server that gets it can tell what it is. */
export function opaqueTokenNotice({ origin }: EnvironmentToken): Notice {
  const message = l10n.t(
    'AUTH0_TOKEN from {0} is used instead of a sign-in. It is not a signed token (JWT), so whose it is could not be checked.',
    origin,
  );
  return { about: 'token', message };
}

/** Checks the token of the environment. @throws AuthError `invalid_token`, with where it came from and what is wrong */
export async function verifyEnvironmentToken<T>(given: EnvironmentToken, verify: Verify<T>): Promise<T> {
  try {
    return await verify(given.token);
  } catch (error) {
    throw isOmnispindleError(error, 'invalid_token') ? notUsable(given, error.message) : error;
  }
}

function notUsable({ origin }: EnvironmentToken, reason?: string): AuthError {
  const message = l10n.t(
    'The AUTH0_TOKEN from {0} is invalid or expired. Set a new one, or remove it to sign in with a browser.',
    origin,
  );
  return new AuthError(
    'invalid_token',
    reason === undefined ? message : `${message} ${l10n.t('What is wrong with it: {0}', reason)}`,
  );
}
