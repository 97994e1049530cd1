import { createHash } from 'node:crypto';
import type { Account } from './account.ts';
import { issuerOf, type Tenant } from '../auth/tenant.ts';

export type { Account } from './account.ts';

/** What the API accepts, for a set of scopes. */
export interface AccessToken {
  /** The scopes it was asked for with; it is given to nobody who wants fewer, or others. */
  readonly scopes: readonly string[];
  readonly accessToken: string;
  /** Milliseconds since the epoch by this machine's clock, counted from when the token arrived. */
  readonly expiresAt: number;
  /** Lifetime in milliseconds when it arrived. */
  readonly lifetime: number;
  /** When it replaced one that a server had refused, if it did; milliseconds since the epoch. */
  readonly replacedAt?: number | undefined;
}

/** What a session has for an API other than the tenant's default one. */
export interface AudienceTokens {
  readonly audience: string;
  /** One for each set of scopes, the newest first. */
  readonly tokens: readonly AccessToken[];
  /** Of a pass through the browser for this API alone; where absent, the session's own may do (Auth0's MRRT). */
  readonly refreshToken?: string | undefined;
  /** The scopes that the person was asked for in that pass, and those of them that the tenant granted. */
  readonly scopes?: readonly string[] | undefined;
  readonly granted?: readonly string[] | undefined;
  /** Whether the tenant gives nothing for this API by the session's refresh token: it is not tried in vain again. */
  readonly needsPass?: boolean | undefined;
  /** The scopes that the tenant does not give for this API by the session's refresh token. */
  readonly withheld?: readonly string[] | undefined;
}

/** One signed-in account and its tokens, as stored. */
export interface Session {
  /** 2 where the account is an organization's, which an earlier version would take for the person's own. */
  readonly version: 1 | 2;
  readonly id: string;
  readonly tenant: Tenant;
  readonly account: Account;
  /** All scopes the person was asked for, of whatever server. */
  readonly scopes: string[];
  /** Those of them that the tenant granted; absent where an earlier version did not write them down. */
  readonly granted?: readonly string[] | undefined;
  /** The access token for {@link tokenScopes}; of a stored session the one for the default scopes, if it has that. */
  readonly accessToken: string;
  /** The scopes that `accessToken` was asked for with; where absent, all of {@link scopes}. */
  readonly tokenScopes?: readonly string[] | undefined;
  /**
   * The API that `accessToken` is for, where that is not the tenant's default one; never in what is stored, where an
   * earlier version would take that token for the default one.
   */
  readonly audience?: string | undefined;
  /** Access tokens for other sets of scopes. */
  readonly tokens?: readonly AccessToken[] | undefined;
  /** What there is for other APIs, the one that was renewed last first. An earlier version drops it. */
  readonly audiences?: readonly AudienceTokens[] | undefined;
  readonly refreshToken?: string | undefined;
  /** The browser's session at the tenant, by which it can be ended; of the ID token nothing else is kept. */
  readonly sid?: string | undefined;
  /** Refresh tokens of sign-ins that this one replaced, newest first: they are alive until a sign-out revokes them. */
  readonly replaced?: readonly string[] | undefined;
  /** Whether the tenant has ended it: nobody is signed in by it, it only keeps what {@link replaced} says. */
  readonly ended?: boolean | undefined;
  /** When the person signed in; milliseconds since the epoch. */
  readonly signedInAt: number;
  /** Milliseconds since the epoch by this machine's clock, counted from when the token arrived. */
  readonly expiresAt: number;
  /** Lifetime of the access token in milliseconds when it arrived. */
  readonly lifetime: number;
  /** When the access token replaced one that a server had refused, if it did; milliseconds since the epoch. */
  readonly replacedAt?: number | undefined;
}

/**
 * The name of an account's entry in a session store: the same for every sign-in of one person at one
 * tenant, and free of characters any store would refuse.
 * @param organization the id of the one they are signed in to
 */
export function sessionKey(tenant: Tenant, sub: string, organization?: string): string {
  const parts = [issuerOf(tenant), tenant.clientId, tenant.audience, sub];
  const hash = createHash('sha256').update(
    JSON.stringify(organization === undefined ? parts : [...parts, organization]),
  );
  return hash.digest('hex').slice(0, 32);
}

/** The {@link sessionKey} of a session's account. */
export function keyOf({ tenant, account }: Pick<Session, 'tenant' | 'account'>): string {
  return sessionKey(tenant, account.id, account.organization?.id);
}

/** How many replaced refresh tokens are remembered: a session may have one for each of many APIs. */
const mostReplaced = 128;

/**
 * The session as it is stored in place of those: it remembers their refresh tokens for the sign-out. They
 * are not revoked before, because with Auth0 that ends the new session too.
 * @throws Error where its own access token is for another API
 */
export function inPlaceOf(session: Session, previous: readonly Session[]): Session {
  if (session.audience !== undefined) {
    throw new Error('A token of another API must not be stored as the default one.');
  }
  const tokens = previous.flatMap(one =>
    one.id === session.id ? (one.replaced ?? []) : [...refreshTokensOf(one), ...(one.replaced ?? [])],
  );
  const own = refreshTokensOf(session);
  const alive = [...(session.replaced ?? []), ...tokens].filter(token => !own.includes(token));
  const replaced = [...new Set(alive)].slice(0, mostReplaced);
  return replaced.length > 0 ? { ...session, replaced } : session;
}

/** The refresh tokens that the session renews itself by: its own, and those of single APIs. */
export function refreshTokensOf({
  refreshToken,
  audiences = [],
}: {
  readonly refreshToken?: string | undefined;
  readonly audiences?: readonly Pick<AudienceTokens, 'refreshToken'>[] | undefined;
}): string[] {
  return [refreshToken, ...audiences.map(one => one.refreshToken)].filter(token => token !== undefined);
}

/** What stays of a session that the tenant has ended, for the sign-out; undefined where that is nothing. */
export function remainder(session: Session): Session | undefined {
  const replaced = [...refreshTokensOf({ audiences: session.audiences }), ...(session.replaced ?? [])].slice(
    0,
    mostReplaced,
  );
  if (replaced.length === 0) return undefined;
  const nothing = { accessToken: 'ended', tokens: undefined, audiences: undefined, refreshToken: undefined };
  return { ...session, ...nothing, replaced, expiresAt: 0, ended: true };
}

/** A token is renewed when this much (ms) of its life, or a tenth of it if that is less, is left. */
const renewalMargin = 60_000;

/** From when on (ms since the epoch) a token is renewed at its next use. */
export function renewableFrom({ expiresAt, lifetime }: Pick<Session, 'expiresAt' | 'lifetime'>): number {
  return expiresAt - Math.min(renewalMargin, lifetime / 10);
}

/** Whether the session's token can be used now with time to spare, and is not the one a server refused. */
export function isGood(
  session: Pick<Session, 'accessToken' | 'expiresAt' | 'lifetime'>,
  rejected?: string,
): boolean {
  return session.accessToken !== rejected && renewableFrom(session) > Date.now();
}

/** A server that refuses every token must not wear the session out: this long (ms) nothing replaces the next one. */
const replacementPause = 60_000;

/**
 * Whether the session's own token must be renewed before it is used. A server's refusal counts once a minute, for all
 * servers with the same scopes together; and a token that nothing can renew counts until its time is over, whoever
 * refuses it.
 * @param rejected the token that a server refused although it looked valid
 */
export function needsRenewal(session: Session, rejected?: string): boolean {
  if (session.refreshToken === undefined) return session.expiresAt <= Date.now();
  if (isGood(session, rejected)) return false;
  const age = Date.now() - (session.replacedAt ?? -Infinity);
  // A time that is yet to come was written before the clock was set back.
  const wasReplaced = session.accessToken === rejected && age >= 0 && age < replacementPause;
  return !wasReplaced || !isGood(session);
}

/** When a token that just arrived ends, by this machine's clock: skew against the tenant's does not matter. */
export function validity(expiresInSeconds: number): Pick<Session, 'expiresAt' | 'lifetime'> {
  const lifetime = expiresInSeconds * 1000;
  return { lifetime, expiresAt: Date.now() + lifetime };
}
