import * as l10n from '@vscode/l10n';
import type { RefreshedTokens } from '../auth/refresh.ts';
import { isFor, wrongAudience } from '../auth/tokenAudience.ts';
import { AuthError } from '../auth/authError.ts';
import { wrongOrganization } from '../auth/rightPerson.ts';
import { plainLine } from '../common/plainText.ts';
import { areSameScopes, extraScopes, withToken } from './accessTokens.ts';
import { entryOf, withAccessToken, withEntry, withReplaced } from './audiences.ts';
import { validity, type AccessToken, type Session } from './session.ts';
import type { Tenant } from '../auth/tenant.ts';

/** How many withheld scopes are remembered for an API. */
const mostWithheld = 64;

/** A refresh token that was spent, and what for. */
export interface Spent {
  readonly refreshToken: string;
  /** An API other than the tenant's default one; that one where absent. */
  readonly audience: string | undefined;
  /** All scopes of the access token. */
  readonly wanted: readonly string[];
  /** Whether it is to replace one that a server refused. */
  readonly replaces: boolean;
}

/** What became of it. */
export interface Renewed {
  /** As it is to be stored, whatever else is wrong: the tenant has rotated the refresh token. */
  readonly session: Session;
  /** Why the access token was thrown away, where that is a fault of the tenant's. */
  readonly failure?: AuthError;
}

/**
 * The scopes to ask for at the refresh; undefined where all that was granted is wanted. The session's own refresh token
 * was granted none of another API, so that all are named there.
 */
export function scopesToRefresh(session: Session, spent: Spent): readonly string[] | undefined {
  const { audience, refreshToken, wanted } = spent;
  const entry = audience === undefined ? session : entryOf(session, audience);
  if (audience !== undefined && entry.refreshToken !== refreshToken) return wanted;
  const { scopes = [], granted = scopes } = entry;
  return areSameScopes(wanted, scopes) ? undefined : wanted.filter(scope => granted.includes(scope));
}

/**
 * The session after a refresh.
 * @param tokens what the tenant answered; undefined where it gives a token for that API only to the person
 */
export function renewed(session: Session, spent: Spent, tokens: RefreshedTokens | undefined): Renewed {
  const { audience } = spent;
  const rotated = withRotated(session, spent, tokens?.refreshToken ?? spent.refreshToken);
  const elsewhere = otherOrganization(session, tokens);
  if (elsewhere) return { session: rotated, failure: elsewhere };
  if (audience !== undefined) return renewedFor(rotated, { ...spent, audience }, tokens);
  if (!tokens) return { session: rotated };
  const { tenant } = session;
  if (!isFor(tokens.audience, tenant.audience, tenant)) {
    return { session: rotated, failure: wrongAudience(tokens.audience, tenant.audience, tenant) };
  }
  const isAll = areSameScopes(spent.wanted, session.scopes);
  const next = {
    ...rotated,
    ...(isAll && session.granted === undefined && { granted: tokens.scopes ?? session.scopes }),
  };
  const excess = excessIn(session.scopes, spent, tokens);
  if (excess.length > 0) return { session: next, failure: tooMuch(tenant, excess) };
  return { session: withToken(next, accessToken(spent, tokens)) };
}

/** {@link renewed}, for another API. The answer's `aud` decides: Auth0 ignores an audience that it does not allow there. */
function renewedFor(
  session: Session,
  spent: Spent & { readonly audience: string },
  tokens: RefreshedTokens | undefined,
): Renewed {
  const { tenant } = session;
  const { audience, wanted } = spent;
  const entry = entryOf(session, audience);
  if (tokens && !tokens.audience) return { session, failure: wrongAudience(undefined, audience, tenant) };
  if (!tokens || !isFor(tokens.audience, audience, tenant)) {
    return { session: withoutRenewer(session, audience) };
  }
  const asked = [...(entry.scopes ?? []), ...entry.tokens.flatMap(({ scopes }) => scopes)];
  const excess = excessIn(asked, spent, tokens);
  if (excess.length > 0) return { session, failure: tooMuch(tenant, excess) };
  const missing = extraScopes(wanted).filter(scope => tokens.scopes && !tokens.scopes.includes(scope));
  // In its own pass the person was asked for them, so that another one would bring no more.
  if (missing.length > 0 && entry.refreshToken === undefined) {
    return {
      session: withEntry(session, {
        ...entry,
        withheld: [...missing, ...(entry.withheld ?? [])].slice(0, mostWithheld),
      }),
    };
  }
  return { session: withEntry(session, withAccessToken(entry, accessToken(spent, tokens))) };
}

/** The session whose refresh tokens are good for nothing at that API, until the person passes through the browser. */
function withoutRenewer(session: Session, audience: string): Session {
  const { refreshToken, ...entry } = entryOf(session, audience);
  return withEntry(withReplaced(session, refreshToken), { ...entry, needsPass: true });
}

/** The session with that refresh token in place of the one that was spent. */
function withRotated(session: Session, { refreshToken, audience }: Spent, next: string): Session {
  const entry = audience === undefined ? undefined : entryOf(session, audience);
  return entry?.refreshToken === refreshToken
    ? withEntry(session, { ...entry, refreshToken: next })
    : { ...session, refreshToken: next };
}

function accessToken({ wanted, replaces }: Spent, tokens: RefreshedTokens): AccessToken {
  return {
    scopes: wanted,
    accessToken: tokens.accessToken,
    ...validity(tokens.expiresInSeconds),
    ...(replaces && { replacedAt: Date.now() }),
  };
}

/** Scopes of other servers that the tenant put into the token anyway. */
function excessIn(asked: readonly string[], { wanted }: Spent, { scopes }: RefreshedTokens): string[] {
  return [...new Set(asked)].filter(scope => !wanted.includes(scope) && scopes?.includes(scope));
}

/** Why the token is not for the organization that the account is signed in to, where it is not. */
function otherOrganization(
  { account, tenant }: Session,
  tokens: RefreshedTokens | undefined,
): AuthError | undefined {
  const { organization } = account;
  if (!organization || tokens?.organization === undefined || tokens.organization?.id === organization.id) {
    return undefined;
  }
  return wrongOrganization(tokens.organization, organization.id, tenant);
}

function tooMuch({ domain }: Tenant, excess: readonly string[]): AuthError {
  return new AuthError(
    'invalid_response',
    l10n.t(
      '{0} gave a token that also has scopes of another server ({1}), so it was not used. Ask who runs the tenant to let a refresh ask for fewer scopes (RFC 6749, section 6), or sign out and in again.',
      domain,
      plainLine(excess.join(' ')),
    ),
  );
}
