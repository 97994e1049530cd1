import * as l10n from '@vscode/l10n';
import { scopesFor } from '../../sessions/accessTokens.ts';
import type { TokenRequest } from '../../sessions/tokenSource.ts';
import type { Answer } from './decoding.ts';
import { bearerChallenges } from './wwwAuthenticate.ts';

/** Which other token a request needs. */
export type Need = Pick<TokenRequest, 'rejected' | 'scopes'>;

/** That a server wants scopes that the person has not allowed for it. */
class ScopesNotAllowedError extends Error {
  override readonly name = 'ScopesNotAllowedError';

  constructor({ origin }: URL, scopes: readonly string[]) {
    super(notAllowed(origin, scopes));
  }
}

/** A scope by RFC 6749 section 3.3, and no longer than a person would read. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
/** How many scopes an error names. */
const namedScopes = 10;

/**
 * What would make the server accept a request that it refused with 401, or with 403 and `insufficient_scope`
 * (RFC 6750 section 3.1); undefined where no other token would. A server asks for nothing by itself: it may want
 * the scopes that the person has configured for it, and no others.
 * @throws ScopesNotAllowedError
 */
export function challenge(
  { statusCode, headers }: Answer,
  token: string,
  { url, scopes: configured }: { readonly url: URL; readonly scopes: readonly string[] },
): Need | undefined {
  if (statusCode === 401) return { rejected: token };
  if (statusCode !== 403) return undefined;
  const lacking = bearerChallenges(headers['www-authenticate']).find(
    ({ parameters }) => parameters.get('error') === 'insufficient_scope',
  );
  const wanted = new Set(lacking?.parameters.get('scope')?.split(' ').filter(Boolean));
  if (wanted.size === 0) return undefined;
  const allowed = scopesFor(configured);
  const refused = [...wanted].filter(scope => !allowed.includes(scope));
  if (refused.length > 0) throw new ScopesNotAllowedError(url, refused);
  return { scopes: [...wanted] };
}

/** What the server says is a name or nothing: a person may copy it. */
function notAllowed(origin: string, scopes: readonly string[]): string {
  const names = scopes.filter(scope => scopeToken.test(scope)).slice(0, namedScopes);
  if (names.length === 0) {
    return l10n.t(
      '{0} wants a scope that is not allowed for it, and does not name it rightly. Ask whoever runs the server.',
      origin,
    );
  }
  return l10n.t(
    '{0} wants more than is allowed for it: {1}. Where you trust it with that, add {2} to the "args" of "connect" in the client’s configuration; in the editor add "scopes": {3} to this server in the setting omnispindle.servers.',
    origin,
    names.join(', '),
    // As JSON, never as words for a shell: a scope may have any character a shell acts on.
    names
      .flatMap(name => ['--scope', name])
      .map(word => JSON.stringify(word))
      .join(', '),
    JSON.stringify(names),
  );
}
