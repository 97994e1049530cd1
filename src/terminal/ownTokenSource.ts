import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/errors.ts';
import type { TokenSource } from '../auth/tokenSource.ts';

/** The person's own `AUTH0_TOKEN`: it is used as it is, never renewed, and no browser is opened. */
export function ownTokenSource({ token, origin }: { token: string; origin: string }): TokenSource {
  return {
    async getToken({ rejected }) {
      if (rejected !== token) return { accessToken: token };
      throw new AuthError(
        'invalid_token',
        l10n.t(
          'The AUTH0_TOKEN from {0} is invalid or expired. Set a new one, or remove it to sign in with a browser.',
          origin,
        ),
      );
    },
  };
}
