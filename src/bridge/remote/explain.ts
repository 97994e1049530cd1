import * as l10n from '@vscode/l10n';
import { connectionFailure } from '../../auth/connectionFailure.ts';
import { codeOf, isOmnispindleError } from '../../common/errors.ts';
import { filesGone } from '../../common/filesGone.ts';
import { UnreadableError } from './decoding.ts';
import { TooLongError } from '../../mcp/intake.ts';
import { OnlyTokenRefusedError, RemoteError } from './refusal.ts';
import { tryAgain } from './retryAfter.ts';
import { isSessionUnknown } from './sessionGone.ts';
import { inPlace } from '../../common/place.ts';

/** Says what went wrong with a request to that server, and what to do. */
export function explain(error: unknown, { origin }: URL): string {
  if (error instanceof RemoteError) return explainRefusal(error, origin);
  if (error instanceof UnreadableError) {
    return l10n.t(
      '{0} sent an answer whose encoding ({1}) cannot be read, or is not what it says. Ask whoever runs the server, or what stands before it.',
      origin,
      error.encoding,
    );
  }
  if (error instanceof TooLongError) return tooLong(origin);
  if (!(error instanceof Error)) return String(error);
  const gone = filesGone(error);
  if (gone) return gone.message;
  if (isOmnispindleError(error) || !('code' in error)) return error.message;
  const known = connectionFailure(error, origin);
  if (known !== undefined) return known;
  if (codeOf(error) === 'ECONNRESET') return lost(origin);
  return l10n.t(
    '{0} could not be reached ({1}). Check the network, the address, and the proxy if there is one, then try again.',
    origin,
    causes(error).join('; '),
  );
}

function explainRefusal(error: RemoteError, origin: string): string {
  const { status } = error;
  const code = String(status);
  if (error instanceof OnlyTokenRefusedError && status === 401) {
    return l10n.t(
      '{0} does not accept the token (status 401), and there is no other one now. If the token is for that API, sign in again ({1}), or try again in a minute.',
      origin,
      inPlace({ editor: l10n.t('"Omnispindle: Sign In"'), terminal: '"omnispindle login"' }),
    );
  }
  if (status !== 404 && status !== 410 && isSessionUnknown(error)) {
    return l10n.t(
      '{0} does not know the session, a new one either (status {1}). Ask whoever runs the server.',
      origin,
      code,
    );
  }
  if (status === 401) {
    return l10n.t(
      '{0} does not accept the token, a new one either (status 401). Is it for that API?',
      origin,
    );
  }
  if (status === 403) {
    return l10n.t(
      '{0} does not allow this to the signed-in account (status 403). Ask whoever runs the server.',
      origin,
    );
  }
  if (status === 404 || status === 405 || status === 410) {
    return l10n.t('{0} has no MCP server at that address (status {1}). Check it.', origin, code);
  }
  if (status === 429) {
    return l10n.t('{0} takes no more requests for now (status 429). {1}', origin, tryAgain(error.retryAfter));
  }
  if (status < 500 && ![408, 409, 421, 423, 425].includes(status) && error.retryAfter === undefined) {
    return l10n.t(
      '{0} refused the request (status {1}). Check what was asked; if that is right, ask whoever runs the server.',
      origin,
      code,
    );
  }
  return l10n.t('{0} answered with status {1}. {2}', origin, code, tryAgain(error.retryAfter));
}

/** What Node says: where it could not connect to, for example a proxy. A name with several addresses fails at each. */
function causes(error: Error): string[] {
  return error instanceof AggregateError ? error.errors.flatMap(causes) : [error.message];
}

/** That an answer will not come: the server may or may not have done what it was asked to. */
export function explainLost(why: unknown, url: URL): string {
  if (why instanceof TooLongError || why instanceof UnreadableError) return explain(why, url);
  // A session that the server has forgotten is no news: the next call begins another one.
  return why === undefined || isSessionUnknown(why) || cannotBeReadOn(why)
    ? lost(url.origin)
    : `${lost(url.origin)}\n${explain(why, url)}`;
}

/** Whether the server has no way to read a broken stream on, as one without sessions: its address is still right. */
function cannotBeReadOn(why: unknown): boolean {
  if (!(why instanceof RemoteError)) return false;
  return why.status === 501 || (why.status < 500 && ![401, 403, 429].includes(why.status));
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
