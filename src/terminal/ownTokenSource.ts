import * as l10n from '@vscode/l10n';
import { AuthError, isAuthError } from '../auth/errors.ts';
import type { TokenSource } from '../auth/tokenSource.ts';
import type { Environment } from './environment.ts';

type OwnToken = NonNullable<Environment['ownToken']>;
type Verify<T = unknown> = (token: string) => Promise<T>;

/**
 * The person's own `AUTH0_TOKEN`: it is never renewed, and no browser is opened.
 * @param verify checks it before it is first handed out; when it expires after that, whoever uses it finds out
 */
export function ownTokenSource(own: OwnToken, verify?: Verify): TokenSource {
  let verified = verify === undefined;
  return {
    async getToken({ rejected }) {
      if (rejected === own.token) throw notUsable(own);
      if (verify && !verified) await verifyOwnToken(own, verify);
      verified = true;
      return { accessToken: own.token };
    },
  };
}

/** Checks the person's own token. @throws AuthError `invalid_token`, with where it came from and what is wrong */
export async function verifyOwnToken<T>(own: OwnToken, verify: Verify<T>): Promise<T> {
  try {
    return await verify(own.token);
  } catch (error) {
    throw isAuthError(error, 'invalid_token') ? notUsable(own, error.message) : error;
  }
}

function notUsable({ origin }: OwnToken, reason?: string): AuthError {
  const message = l10n.t(
    'The AUTH0_TOKEN from {0} is invalid or expired. Set a new one, or remove it to sign in with a browser.',
    origin,
  );
  return new AuthError(
    'invalid_token',
    reason === undefined ? message : `${message} ${l10n.t('What is wrong with it: {0}', reason)}`,
  );
}
