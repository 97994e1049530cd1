import * as l10n from '@vscode/l10n';

/** Longest part (characters) of an address that an error names. */
const longestPath = 200;

/** That a server sends a request elsewhere, where it is not sent. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
}

/** That the server sends a request to another address. @param to where to; undefined where that is not an address */
export function redirected(from: URL, to: URL): RedirectError {
  const secure = withoutS(from, to);
  if (secure) {
    return new RedirectError(
      shown(secure) === shown(from)
        ? l10n.t(
            '{0} redirects to {1}, which is the same without the s of https. A token is never sent over http: ask whoever runs the server to correct its redirects.',
            shown(from),
            shown(to),
          )
        : l10n.t(
            '{0} redirects to {1}: the s of https is lost on the way. A token is never sent over http. Connect to {2} itself.',
            shown(from),
            shown(to),
            shown(secure),
          ),
    );
  }
  return new RedirectError(
    l10n.t(
      '{0} redirects to {1}. A token is never taken to another address: if that one is right, connect to it itself.',
      from.origin,
      shown(to),
    ),
  );
}

/** The address that is meant where a server behind TLS does not know of it, and says http of its own name. */
function withoutS(from: URL, to: URL): URL | undefined {
  if (from.protocol !== 'https:' || to.protocol !== 'http:' || from.hostname !== to.hostname) {
    return undefined;
  }
  const meant = new URL(from);
  meant.pathname = to.pathname;
  return meant;
}

/** Without its query, where keys stand. */
function shown({ origin, pathname }: URL): string {
  return origin + pathname.slice(0, longestPath);
}
