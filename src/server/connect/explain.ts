import * as l10n from '@vscode/l10n';
import { isAuthError } from '../../auth/errors.ts';
import { TooLongError } from './intake.ts';
import { isSessionUnknown, OnlyTokenRefusedError, RemoteError } from './refusal.ts';

/** Says what went wrong with a request to that server, and what to do. */
export function explain(error: unknown, { origin }: URL): string {
  if (error instanceof RemoteError) {
    const { status } = error;
    if (error instanceof OnlyTokenRefusedError && status === 401)
      return l10n.t(
        '{0} does not accept the token, and there is no other one now. If the token is for that API, sign in again ("omnispindle login"; in the editor "Omnispindle: Sign In"), or try again in a minute.',
        origin,
      );
    if (status === 401)
      return l10n.t('{0} does not accept the token, a new one either. Is it for that API?', origin);
    if (status === 403) return l10n.t('{0} does not allow this to the signed-in account.', origin);
    if (status === 404 || status === 405)
      return l10n.t('{0} has no MCP server at that address (status {1}). Check it.', origin, String(status));
    return l10n.t('{0} answered with status {1}. Try again in a moment.', origin, String(status));
  }
  if (error instanceof TooLongError) return tooLong(origin);
  if (!(error instanceof Error)) return String(error);
  if (isAuthError(error) || !('code' in error)) return error.message;
  if (error.code === 'ECONNRESET') return lost(origin);
  return l10n.t(
    '{0} could not be reached ({1}). Check the network, the address, and the proxy if there is one, then try again.',
    origin,
    causes(error).join('; '),
  );
}

/** What Node says: where it could not connect to, a proxy say. A name with several addresses fails at each. */
function causes(error: Error): string[] {
  return error instanceof AggregateError ? error.errors.flatMap(causes) : [error.message];
}

/** That an answer will not come: the server may or may not have done what it was asked to. */
export function explainLost(why: unknown, url: URL): string {
  if (why instanceof TooLongError) return tooLong(url.origin);
  // A session that the server forgot meanwhile is no news: the next call begins another one.
  return why === undefined || isSessionUnknown(why)
    ? lost(url.origin)
    : `${lost(url.origin)}\n${explain(why, url)}`;
}

function lost(origin: string): string {
  return l10n.t('The connection to {0} was lost before the answer came. Try again.', origin);
}

function tooLong(origin: string): string {
  return l10n.t(
    '{0} sent more than 32 MB at once, which is the most that is passed on. Ask for less, or in parts.',
    origin,
  );
}
