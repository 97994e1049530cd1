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
/** How long (ms) no key is looked for after one was not found, so that forged tokens flood nobody. */
const coolDown = 5_000;

/** Most calls that wait for an unknown key at a time: while the tenant is slow, forged tokens must not take every place. */
const mostSeeking = 256;

/** The tenant's public keys. */
export interface KeySet {
  /** The key that a token names. @throws AuthError `tenant_unreachable`, or what jose says where there is no such key */
  readonly keyOf: JWTVerifyGetKey;
  /** Until when (ms since the epoch) the keys of the last answer count. */
  countUntil(): number;
}

/** How keys are looked for. */
export interface KeySetOptions {
  /** Looks for an unknown key even where the keys have just been fetched: among many callers one has the tenant's next key first. */
  readonly seeksAtOnce?: boolean;
  /** Is told of each time the keys are asked for, and whether they came. */
  readonly onKeyFetch?: (isDone: boolean) => void;
}

/**
 * Builds the tenant's key set (JWKS, RFC 7517 section 5), fetched at the first need and again while in use. Where
 * that fails, the last one counts until it is an hour old. An unknown key makes it be fetched again, once for all that
 * ask meanwhile: it may be the tenant's next one. Where it is not, none is looked for during some seconds.
 */
export function createKeySet(
  tenant: Tenant,
  jose: typeof import('jose'),
  { seeksAtOnce = false, onKeyFetch = () => undefined }: KeySetOptions = {},
): KeySet {
  const cache: JWKSCacheInput & { uat?: number } = {};
  const fetchKeys = tenantFetch(tenant);
  let answers = 0;
  const remote = jose.createRemoteJWKSet(new URL(keySetPath, issuerOf(tenant)), {
    timeoutDuration: 10_000,
    // That counts from the last fetch: a key that is new since then is refused.
    cooldownDuration: seeksAtOnce ? countsFor : coolDown,
    cacheMaxAge: countsFor,
    [jose.jwksCache]: cache,
    async [jose.customFetch](...request) {
      try {
        const answer = await fetchKeys(...request);
        answers++;
        const hasKeys = answer.ok && !(await isEmpty(answer.clone()));
        onKeyFetch(hasKeys);
        if (answer.ok && !hasKeys) throw new Error('There are no keys in it.');
        return answer;
      } catch (error) {
        onKeyFetch(false);
        throw error;
      }
    },
  });
  let lastTry = 0;
  let soughtInVain: { readonly at: number; readonly why: unknown } | undefined;
  let seeking = 0;

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

  /** The key among those that count, else among those that the tenant has now. */
  async function find(...named: Parameters<JWTVerifyGetKey>): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    const before = answers;
    try {
      await keepFresh();
      return await remote(...named);
    } catch (error) {
      const mayBeNew = seeksAtOnce && error instanceof jose.errors.JWKSNoMatchingKey && answers === before;
      if (!mayBeNew) throw error;
      if (soughtInVain && Math.abs(Date.now() - soughtInVain.at) < coolDown) throw soughtInVain.why;
    }
    if (seeking >= mostSeeking) throw new Error('Too many calls wait for an unknown key.');
    seeking++;
    try {
      await remote.reload();
      return await remote(...named);
    } catch (error) {
      soughtInVain = { at: Date.now(), why: error };
      throw error;
    } finally {
      seeking--;
    }
  }

  return {
    async keyOf(header, token) {
      try {
        return await find(header, token);
      } catch (error) {
        throw isAboutToken(error, jose.errors) ? error : noKeys(error, tenant);
      }
    },
    countUntil: () => (cache.uat ?? 0) + countsFor,
  };
}

/** Whether somebody answered in the place of a tenant's keys, of which there is always one: no token is at fault then. */
async function isEmpty(answer: Response): Promise<boolean> {
  try {
    const { keys } = (await answer.json()) as { keys?: unknown };
    return Array.isArray(keys) && keys.length === 0;
  } catch {
    // What is no key set at all, jose finds.
    return false;
  }
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
