import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import { plainLine } from '../common/plainText.ts';
import { extraScopes, scopeToken } from '../sessions/accessTokens.ts';
import type { Purpose } from '../sessions/audiences.ts';
import { needsPerson } from '../sessions/silentRequest.ts';
import type { StepUp, TokenRequest } from '../sessions/tokenSource.ts';
import type { ServerSecrets } from './serverSecrets.ts';

/** The server that waits for an answer. */
export type Waiting = Pick<TokenRequest, 'signal' | 'onProgress' | 'silent'>;

/** What a key may ask for, besides the scopes that every token has. */
export interface Allowed {
  /** The only API that its tokens are for; the tenant's default one where absent. */
  readonly audience?: string | undefined;
  /** The only scopes that may be asked for. */
  readonly scopes?: readonly string[] | undefined;
  /** Asks the person for other ones, by name; where absent, there are none. */
  readonly askForScopes?: ((scopes: readonly string[], waiting: Waiting) => Promise<boolean>) | undefined;
  /** Asks the person to sign in again, in a stronger way or at all; where absent, no server can want that. */
  readonly askForStepUp?: ((stepUp: StepUp, waiting: Waiting) => Promise<boolean>) | undefined;
  /** What the setting of the server says that may be a secret; where absent, there is none. */
  readonly secrets?: ((waiting: Waiting) => Promise<ServerSecrets>) | undefined;
}

/** Who starts the servers, and so decides what they may have: the editor by its settings, or `run` by its options. */
export type StartedBy = 'editor' | 'run';

/** How many scopes the person is asked for at a time. */
const mostScopes = 20;

/**
 * What a server may ask for from now on, after the person was asked where there is something to ask them.
 * @throws AuthError `access_denied` that says how to allow what it may not have, `login_required` where nobody may be asked
 */
export async function allowedAfterAsking(
  allowed: Allowed,
  asked: Purpose,
  { startedBy, ...waiting }: Waiting & { readonly startedBy: StartedBy },
): Promise<Allowed> {
  requireAudience(allowed, asked.audience, startedBy);
  const lacking = lackingScopes(allowed, asked.scopes);
  const canAsk = lacking.length <= mostScopes && lacking.every(scope => scopeToken.test(scope));
  if (lacking.length > 0 && canAsk && allowed.askForScopes) {
    if (waiting.silent) throw needsPerson();
    if (await allowed.askForScopes(lacking, waiting)) {
      return { ...allowed, scopes: [...(allowed.scopes ?? []), ...lacking] };
    }
  }
  requireScopes(lacking, startedBy);
  return allowed;
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

/** The scopes that a server asks for and may not have. */
function lackingScopes({ scopes }: Allowed, asked: readonly string[] | undefined): string[] {
  const allowed = extraScopes(scopes);
  return extraScopes(asked).filter(scope => !allowed.includes(scope));
}

/**
 * A server gets what its definition and the person say, and nothing that it asks for besides.
 * @throws AuthError `access_denied`
 */
function requireScopes(lacking: readonly string[], startedBy: StartedBy): void {
  if (lacking.length === 0) return;
  const named = plainLine(lacking.join(' '));
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
