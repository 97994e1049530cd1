import type { errors as joseErrors, JWKSCacheInput, JWTVerifyGetKey } from 'jose';
import * as l10n from '@vscode/l10n';
import { connectionFailure } from './connectionFailure.ts';
import { AuthError } from './authError.ts';
import { keySetPath } from './keySetPath.ts';
import { issuerOf, type Tenant } from './tenant.ts';
import { tenantFetch } from './tenantFetch.ts';

/** How long (ms) keys count after they were fetched: what the tenant withdrew must not open anything for longer. */
const countsFor = 60 * 60_000;
/** From which age (ms) on keys in use are fetched again, so that a tenant that is down for a while ends no call. */
const fetchAgainFrom = 10 * 60_000;
/** Least time (ms) between two fetches of keys that still count. */
const fetchAgainEvery = 60_000;
/** Least time (ms) between two fetches for keys that are not known, so that forged tokens flood nobody. */
const coolDown = 5_000;

/** The tenant's public keys. */
export interface KeySet {
  /** The key that a token names. @throws AuthError `tenant_unreachable`, or what jose says where there is no such key */
  readonly keyOf: JWTVerifyGetKey;
  /** Until when (ms since the epoch) the keys of the last answer count. */
  countUntil(): number;
}

/**
 * Builds the tenant's key set (JWKS, RFC 7517 section 5), fetched at the first need and again while in use. Where
 * that fails, the last one counts until it is an hour old. An unknown key makes it be fetched again once.
 */
export function createKeySet(tenant: Tenant, jose: typeof import('jose')): KeySet {
  const cache: JWKSCacheInput & { uat?: number } = {};
  const remote = jose.createRemoteJWKSet(new URL(keySetPath, issuerOf(tenant)), {
    timeoutDuration: 10_000,
    cooldownDuration: coolDown,
    cacheMaxAge: countsFor,
    [jose.jwksCache]: cache,
    [jose.customFetch]: tenantFetch(tenant),
  });
  let lastTry = 0;

  async function keepFresh(): Promise<void> {
    const now = Date.now();
    const age = now - (cache.uat ?? now);
    // Fetched in the future: the clock was set back, and nobody knows how old they are.
    if (age < 0) await remote.reload();
    if (age < fetchAgainFrom || age >= countsFor || Math.abs(now - lastTry) < fetchAgainEvery) return;
    lastTry = now;
    // Nobody waits for it: the keys of now still count.
    void remote.reload().catch(() => undefined);
  }

  return {
    async keyOf(header, token) {
      try {
        await keepFresh();
        return await remote(header, token);
      } catch (error) {
        throw isAboutToken(error, jose.errors) ? error : noKeys(error, tenant);
      }
    },
    countUntil: () => (cache.uat ?? 0) + countsFor,
  };
}

/** Whether the token is at fault: it names no key, or one that the tenant does not have. */
function isAboutToken(error: unknown, errors: typeof joseErrors): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys;
}

function noKeys(error: unknown, tenant: Tenant): AuthError {
  const known = connectionFailure(error, tenant.domain);
  if (known !== undefined) return new AuthError('tenant_unreachable', known);
  return new AuthError(
    'tenant_unreachable',
    l10n.t(
      'The keys of {0} could not be fetched, so the token cannot be checked. Check the network, then try again.',
      tenant.domain,
    ),
  );
}
