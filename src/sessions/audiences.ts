import type { Grant } from '../auth/flows/flow.ts';
import type { Tenant } from '../auth/tenant.ts';
import { areSameScopes, extraScopes, scopesFor, withTokenFor } from './accessTokens.ts';
import { refreshTokensOf, validity, type AccessToken, type AudienceTokens, type Session } from './session.ts';

/** For how many APIs a session keeps something; another pass or refresh brings back what was not used for long. */
const mostAudiences = 64;
/** How many access tokens it keeps for each of them, one for a set of scopes. */
const mostTokens = 4;

/** The API that is asked for, where that is not the tenant's default one. */
export function otherAudience(tenant: Tenant, audience: string | undefined): string | undefined {
  return audience === tenant.audience ? undefined : audience;
}

/** What the session has for that API. */
export function entryOf({ audiences = [] }: Session, audience: string): AudienceTokens {
  return audiences.find(entry => entry.audience === audience) ?? { audience, tokens: [] };
}

/** The refresh token that renews the session for that API, the default one where absent; undefined where none does. */
export function renewerOf(session: Session, audience: string | undefined): string | undefined {
  if (audience === undefined) return session.refreshToken;
  const { refreshToken, needsPass } = entryOf(session, audience);
  return refreshToken ?? (needsPass ? undefined : session.refreshToken);
}

/** What a token is for: an API, the tenant's default one where absent, and scopes besides the default ones. */
export interface Purpose {
  readonly audience?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
}

/**
 * The session with its access token for exactly that in place of its own; undefined where it has none. One with a token
 * for another API than the default one is to be used, and not to be stored.
 */
export function heldFor(session: Session, purpose: Purpose): Session | undefined {
  const wanted = scopesFor(purpose.scopes);
  const audience = otherAudience(session.tenant, purpose.audience);
  if (session.audience !== undefined) {
    const isSame = session.audience === audience && areSameScopes(session.tokenScopes ?? [], wanted);
    return isSame ? session : undefined;
  }
  if (audience === undefined) return withTokenFor(session, wanted);
  const token = entryOf(session, audience).tokens.find(one => areSameScopes(one.scopes, wanted));
  if (!token) return undefined;
  const { tokens, audiences, replacedAt, refreshToken, ...rest } = session;
  const { scopes: tokenScopes, ...own } = token;
  const renewer = renewerOf(session, audience);
  return {
    ...rest,
    ...own,
    audience,
    tokenScopes,
    ...(renewer !== undefined && { refreshToken: renewer }),
  };
}

/** Whether tokens for that can be had without the person. */
export function isRenewable(session: Session, purpose: Purpose): boolean {
  const audience = otherAudience(session.tenant, purpose.audience);
  const isKnown = renewerOf(session, audience) !== undefined;
  if (!isKnown || audience === undefined) return isKnown;
  const { refreshToken, scopes = [], withheld = [] } = entryOf(session, audience);
  const wanted = extraScopes(purpose.scopes);
  // What was asked for in its own pass counts as held; what the session's refresh token gives shows in its answers.
  return refreshToken === undefined
    ? !wanted.some(scope => withheld.includes(scope))
    : wanted.every(scope => scopes.includes(scope));
}

/** The session with that in place of what it had for the API. What has no room any more is left to the sign-out. */
export function withEntry(session: Session, entry: AudienceTokens): Session {
  const others = (session.audiences ?? []).filter(({ audience }) => audience !== entry.audience);
  return bounded(session, [entry, ...others]);
}

/** What the session has for an API, with that access token beside those that are still valid. */
export function withAccessToken(entry: AudienceTokens, token: AccessToken): AudienceTokens {
  const others = entry.tokens.filter(
    ({ scopes, expiresAt }) => expiresAt > Date.now() && !areSameScopes(scopes, token.scopes),
  );
  return { ...entry, tokens: [token, ...others].slice(0, mostTokens) };
}

/** The session after a pass through the browser for that API. */
export function withPass(
  session: Session,
  audience: string,
  scopes: readonly string[],
  grant: Grant,
): Session {
  const { tokens, refreshToken: previous } = entryOf(session, audience);
  const { accessToken, refreshToken, expiresInSeconds } = grant;
  const entry = withAccessToken(
    {
      audience,
      tokens,
      ...(refreshToken === undefined ? { needsPass: true } : { refreshToken }),
      // A scope the tenant withheld counts as held: asking again would only open the same page again.
      scopes,
      granted: grant.scopes.length > 0 ? grant.scopes : scopes,
    },
    { scopes, accessToken, ...validity(expiresInSeconds) },
  );
  return withEntry(withReplaced(session, previous), entry);
}

/**
 * The new session with what those that it replaces have for other APIs. What the tenant refused to give by their refresh
 * tokens it may give by the new one.
 */
export function withAudiencesOf(previous: readonly Session[], session: Session): Session {
  const entries = previous.flatMap(({ audiences = [] }) => audiences);
  const first = new Map<string, AudienceTokens>();
  for (const { needsPass, withheld, ...entry } of entries) {
    if (!first.has(entry.audience)) first.set(entry.audience, entry);
  }
  return first.size > 0 ? bounded(session, [...first.values()]) : session;
}

/** The session that remembers that refresh token, which nothing uses any more, for the sign-out. */
export function withReplaced(session: Session, ...tokens: readonly (string | undefined)[]): Session {
  const known = tokens.filter(token => token !== undefined);
  return known.length > 0 ? { ...session, replaced: [...known, ...(session.replaced ?? [])] } : session;
}

function bounded(session: Session, entries: readonly AudienceTokens[]): Session {
  const dropped = refreshTokensOf({ audiences: entries.slice(mostAudiences) });
  return { ...withReplaced(session, ...dropped), audiences: entries.slice(0, mostAudiences) };
}
