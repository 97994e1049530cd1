import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { createRefusals } from '../common/refusals.ts';
import type { Token, TokenRequest, TokenSource } from './tokenSource.ts';

/**
 * The same source for a server whose client may call again and again: after a person has refused to sign in, they are
 * not asked again for five minutes, unless somebody has signed in meanwhile.
 */
export function withRefusedSignIns<Source extends TokenSource>(source: Source): Source {
  const refusals = createRefusals();
  /** What the person was told when they refused. */
  let why = '';

  async function getToken(request: TokenRequest): Promise<Token> {
    const { audience, scopes = [], hints, silent = false } = request;
    const key = JSON.stringify([audience, scopes, hints]);
    const isRefused = !silent && refusals.has(key);
    try {
      const token = await source.getToken(isRefused ? { ...request, silent: true } : request);
      refusals.forget(key);
      return token;
    } catch (error) {
      if (isRefused && isOmnispindleError(error, 'login_required')) throw refusedBefore(why);
      if (!silent && !isRefused && isOmnispindleError(error, 'access_denied')) {
        refusals.add(key);
        why = error.message;
      }
      throw error;
    }
  }

  return { ...source, getToken };
}

function refusedBefore(why: string): AuthError {
  return new AuthError(
    'access_denied',
    l10n.t(
      'No page was opened again: the last sign-in was refused less than five minutes ago. To sign in now, run "omnispindle login" in a terminal, then call the tool again. What was said then: {0}',
      why,
    ),
  );
}
