import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';

/** What a list of scopes asks for: a token for that API, the tenant's default one where absent, and its scopes. */
export interface ScopeList {
  readonly audience?: string;
  readonly scopes: readonly string[];
}

const prefix = 'audience:';
/** Longest identifier of an API (UTF-16 units). */
const longestAudience = 2_048;

/**
 * Reads a list of scopes as an extension gives it to `vscode.authentication.getSession`: `audience:<identifier>` among
 * them selects the API, and is no scope for the tenant.
 * @param defaultAudience the tenant's; naming it is the same as naming none
 * @throws OmnispindleError `invalid_settings` where it names no API, or several
 * @example readScopeList(['audience:notes', 'notes:read'], 'api') // { audience: 'notes', scopes: ['notes:read'] }
 */
export function readScopeList(list: readonly string[], defaultAudience: string): ScopeList {
  const named = new Set(
    list.filter(entry => entry.startsWith(prefix)).map(entry => entry.slice(prefix.length).trim()),
  );
  const scopes = list.filter(entry => !entry.startsWith(prefix));
  const [audience] = named;
  if (audience === undefined) return { scopes };
  if (named.size > 1 || audience === '' || audience.length > longestAudience) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'A session is for one API: name it once among the scopes, as "audience:" with its identifier (of at most {0} characters). It was: {1}',
        String(longestAudience),
        plainLine([...named].map(each => `"${prefix}${each}"`).join(', '), 200),
      ),
    );
  }
  return audience === defaultAudience ? { scopes } : { audience, scopes };
}

/**
 * The lists that a new session is announced with for one that was asked for. The editor joins what is asked for with
 * spaces, and later compares the parts (VS Code, AuthenticationExtensionsService): an empty list has then become one of
 * an empty text.
 */
export function announcedAs(list: readonly string[]): readonly (readonly string[])[] {
  const parts = list.join(' ').split(' ');
  return parts.length === list.length ? [list] : [list, parts];
}
