import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { plainLine } from '../common/plainText.ts';
import { extraScopes } from '../sessions/accessTokens.ts';

/** What a key may ask for, besides the scopes that every token has. */
export interface Allowed {
  /** The only API that its tokens are for; the tenant's default one where absent. */
  readonly audience?: string | undefined;
  /** The only scopes that may be asked for. */
  readonly scopes?: readonly string[] | undefined;
}

/** Who starts the servers, and so decides what they may have: the editor by its settings, or `run` by its options. */
export type StartedBy = 'editor' | 'run';

/**
 * Checks that a server may have what it asks for.
 * @throws AuthError `access_denied` that says how to allow it
 */
export function requireAllowed(allowed: Allowed, asked: Allowed, startedBy: StartedBy): void {
  requireAudience(allowed, asked.audience, startedBy);
  requireScopes(allowed, asked.scopes, startedBy);
}

/**
 * A server gets tokens for its own API alone: with one for another it could act there as the person.
 * @throws AuthError `access_denied`
 */
function requireAudience({ audience }: Allowed, asked: string | undefined, startedBy: StartedBy): void {
  if (asked === undefined || asked === audience) return;
  const api = plainLine(asked, 200);
  throw new AuthError(
    'access_denied',
    startedBy === 'run'
      ? l10n.t(
          'This server asked for a token for the API {0}, which it may not have. To allow it, give "omnispindle run" the option --audience with that API.',
          api,
        )
      : l10n.t(
          'This server asked for a token for the API {0}, which it may not have. To allow it, set "audience" to that API for this server in the setting omnispindle.servers, then start the server again.',
          api,
        ),
  );
}

/**
 * A server gets what its definition says, and nothing that it asks for besides.
 * @throws AuthError `access_denied`
 */
function requireScopes(
  { scopes }: Allowed,
  asked: readonly string[] | undefined,
  startedBy: StartedBy,
): void {
  const allowed = extraScopes(scopes);
  const others = extraScopes(asked).filter(scope => !allowed.includes(scope));
  if (others.length === 0) return;
  const named = plainLine(others.join(' '));
  throw new AuthError(
    'access_denied',
    startedBy === 'run'
      ? l10n.t(
          'This server asked for a scope that it may not have: {0}. To allow it, give "omnispindle run" the option --scope with it.',
          named,
        )
      : l10n.t(
          'This server asked for a scope that it may not have: {0}. To allow it, add it to the "scopes" of this server in the setting omnispindle.servers, then start the server again.',
          named,
        ),
  );
}
