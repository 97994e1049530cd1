import { randomUUID } from 'node:crypto';
import type { Grant } from '../auth/flows/flow.ts';
import { refreshTokensOf, validity, type AccessToken, type Session } from './session.ts';
import { defaultScopes, type Tenant } from '../auth/tenant.ts';

/** How many access tokens a session keeps; one that is not there any more costs a refresh. */
const mostTokens = 16;

/** A scope by RFC 6749 section 3.3, and no longer than a person would read. */
export const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/**
 * The scopes that a request names, one by one (RFC 6749 section 3.3), besides those every token has.
 * @example extraScopes(['openid', 'notes:read notes:write']) // ['notes:read', 'notes:write']
 */
export function extraScopes(scopes: readonly string[] = []): string[] {
  const named = new Set(scopes.flatMap(scope => scope.split(/\s+/)));
  return [...named].filter(scope => scope !== '' && !defaultScopes.includes(scope));
}

/** The scopes of the token that a request gets: those every token has, and its own. */
export function scopesFor(scopes?: readonly string[]): string[] {
  return [...defaultScopes, ...extraScopes(scopes)];
}

/** Whether a token with these scopes may be given where those are asked for: a token has no scope that is not. */
export function areSameScopes(these: readonly string[], those: readonly string[]): boolean {
  const name = (scopes: readonly string[]) => extraScopes(scopes).sort().join(' ');
  return name(these) === name(those);
}

/** The session with the access token for exactly these scopes as its own; undefined where it has none for them. */
export function withTokenFor(session: Session, scopes: readonly string[]): Session | undefined {
  // That one is no token for the tenant's default API.
  if (session.audience !== undefined) return undefined;
  const tokens = tokensOf(session);
  const wanted = tokens.findIndex(token => areSameScopes(token.scopes, scopes));
  // Most sessions have one token, which stays as it was stored.
  if (wanted <= 0) return wanted === 0 ? session : undefined;
  return arranged(session, [...tokens.splice(wanted, 1), ...tokens]);
}

/** The session with that token beside those that are still valid, one for a set of scopes. */
export function withToken(session: Session, token: AccessToken): Session {
  const others = tokensOf(session).filter(
    ({ scopes, expiresAt }) => expiresAt > Date.now() && !areSameScopes(scopes, token.scopes),
  );
  const tokens = [token, ...others].slice(0, mostTokens);
  // The token of most requests comes first: an earlier version knows no other one.
  const first = tokens.filter(({ scopes }) => areSameScopes(scopes, []));
  return arranged(session, [...first, ...tokens.filter(one => !first.includes(one))]);
}

/** Whether the session is still good for something: a valid token of whatever API and scopes, or what renews one. */
export function isOfUse(session: Session): boolean {
  return refreshTokensOf(session).length > 0 || lastEnd(session) > Date.now();
}

/** When the last of the session's tokens ends, of whatever API; milliseconds since the epoch. */
export function lastEnd(session: Session): number {
  const others = (session.audiences ?? []).flatMap(({ tokens }) => tokens);
  return Math.max(...[...tokensOf(session), ...others].map(({ expiresAt }) => expiresAt));
}

/** The session that a sign-in gave; its token counts for exactly the scopes that were asked for. */
export function newSession(tenant: Tenant, asked: readonly string[], grant: Grant): Session {
  const { domain, clientId, audience } = tenant;
  return {
    version: grant.account.organization ? 2 : 1,
    id: randomUUID(),
    tenant: { domain, clientId, audience },
    account: { ...grant.account },
    // A scope the tenant withheld counts as held: asking again would only open the same page again.
    scopes: [...asked],
    granted: grant.scopes.length > 0 ? grant.scopes : asked,
    accessToken: grant.accessToken,
    tokenScopes: asked,
    ...(grant.refreshToken !== undefined && { refreshToken: grant.refreshToken }),
    ...(grant.sid !== undefined && { sid: grant.sid }),
    signedInAt: Date.now(),
    ...validity(grant.expiresInSeconds),
  };
}

/**
 * The new session with the valid tokens of those it replaces, where it cannot get any other one by itself: who needs
 * other scopes had a sign-in of their own, and would have to sign in again.
 */
export function withTokensOf(previous: readonly Session[], session: Session): Session {
  if (session.refreshToken !== undefined) return session;
  const own = tokensOf(session);
  const tokens = previous
    .flatMap(tokensOf)
    .filter(token => !own.some(one => areSameScopes(one.scopes, token.scopes)));
  const all = [...tokens, ...own].reduce(withToken, session);
  return { ...all, scopes: [...new Set(tokensOf(all).flatMap(({ scopes }) => scopes))] };
}

/** All its tokens, its own first. One of an earlier version was asked for with all the session's scopes. */
function tokensOf(session: Session): AccessToken[] {
  const {
    accessToken,
    expiresAt,
    lifetime,
    replacedAt,
    tokenScopes: scopes = session.scopes,
    tokens = [],
  } = session;
  const own = { scopes, accessToken, expiresAt, lifetime };
  return [{ ...own, ...(replacedAt !== undefined && { replacedAt }) }, ...tokens];
}

/** The session with these tokens, the first one as its own. */
function arranged(session: Session, [first, ...others]: readonly AccessToken[]): Session {
  if (!first) return session;
  const { replacedAt, tokens, ...rest } = session;
  const { scopes: tokenScopes, ...own } = first;
  return { ...rest, ...own, tokenScopes, ...(others.length > 0 && { tokens: others }) };
}
