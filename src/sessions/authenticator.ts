import { isOfUse } from './accessTokens.ts';
import { heldFor, isRenewable, otherAudience } from './audiences.ts';
import { detachable, type Detachable } from './detachable.ts';
import type { LoginHints } from '../auth/flows/flow.ts';
import type { Log } from '../common/log.ts';
import { createLabels } from './labels.ts';
import { withMemoryFallback } from './memoryFallback.ts';
import { createNewSignIn } from './newSignIn.ts';
import { createPass } from './pass.ts';
import { createRenewal, signInAgain } from './renewal.ts';
import { keyOf, sessionKey, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import { shareWork } from './shareWork.ts';
import { beginElsewhere, type SignInElsewhere } from './signInElsewhere.ts';
import type { SignIn } from './signIn.ts';
import { isRefused, isStepUp, usable } from './usable.ts';
import { createSignOut, storedEntries, type SignedOut, type StoredEntry } from './signOut.ts';
import { createTenantSessions } from './tenantSessions.ts';
import type { Tenant } from '../auth/tenant.ts';
import type { OnProgress } from './signInEvent.ts';
import type { TokenRequest } from './tokenSource.ts';

export type { StoredEntry } from './signOut.ts';

/** Whose session somebody needs, and with a token for which API and scopes. */
export interface SessionRequest extends TokenRequest {
  /** The account's `sub`, e-mail or label; any account where absent. */
  readonly account?: string;
  /** The organization, by its id (`org_…`) or name; the tenant's where absent. */
  readonly organization?: string;
  /** Where they ask for a stronger sign-in (RFC 9470), a `rejected` token is replaced by the person alone. */
  readonly hints?: LoginHints;
}

/** A person's sessions at the tenant: found, renewed, begun and ended, once across all processes. */
export interface Authenticator {
  /** The stored sessions of the tenant, and of its organization where it has one, as they are, renewing nothing. */
  list(): Promise<Session[]>;
  /** A valid session, renewed where needed; undefined where only a person could help. @throws OmnispindleError where trying later may help */
  silent(request?: SessionRequest): Promise<Session | undefined>;
  /**
   * A valid session, signing in where needed; any number of waiting processes share one sign-in.
   * @throws OmnispindleError as {@link silent}, `timed_out` (after 5 min), `cancelled` (`signal`), `account_not_found`, a flow's
   */
  ensure(request?: SessionRequest): Promise<Session>;
  /**
   * A new sign-in, even where a session exists. Who is named by `account` and known here must come back, else it is
   * refused (`account_mismatch`); `hints.prompt` asks for another account, or a fresh login, although the browser is logged in.
   * @param known the ids of the sessions that will not do; those there are where absent, and then anybody may sign in
   */
  signIn(request?: SessionRequest, known?: readonly string[]): Promise<Session>;
  /**
   * Signs the account of that session out: removes all that is stored of it, even when the tenant is down, and
   * revokes its refresh tokens (RFC 7009). Undefined where there is no such session.
   * @throws OmnispindleError `storage_failed` where something could not be removed
   */
  signOut(id: string): Promise<SignedOut | undefined>;
  /** All that is stored, of whatever tenant, and what nobody can read. */
  entries(): Promise<StoredEntry[]>;
  /** Signs out what is stored by that key, as {@link signOut} does. @throws OmnispindleError `storage_failed` */
  signOutEntry(key: string): Promise<SignedOut>;
  /** Calls the listener after a change of what is stored, by whatever process; stop it with `dispose`. */
  onDidChange(listener: () => void): { dispose(): void };
}

/** The parts an authenticator is made of. */
export interface AuthenticatorOptions {
  readonly tenant: () => Tenant;
  readonly store: SessionStore;
  readonly signIn: SignIn;
  /** Carries a sign-in out in a process that outlives this one; absent where nobody ends this one while it waits. */
  readonly signInElsewhere?: SignInElsewhere | undefined;
  /** A directory of the user's own, for the locks that processes and windows share. */
  readonly directory: string;
  readonly log: Log;
  /** Hears what every sign-in waits for, once, however many calls wait for it. */
  readonly onProgress?: OnProgress;
}

interface SharedSignIn {
  readonly request: SessionRequest;
  readonly signal: AbortSignal;
  /** The session, where another process has brought it about. */
  readonly ready: () => Promise<Session | undefined>;
  /** The session that a pass for another API than the default one is for, where nobody need sign in first. */
  readonly standing: () => Promise<Session | undefined>;
  /** Whether a sign-in that cannot be kept is of no use. */
  readonly mustKeep: boolean;
  /** Whether anybody may sign in where no account is named. */
  readonly isAnyone: boolean;
}

/**
 * Builds the {@link Authenticator} of one store; every process that shares store and directory shares its work.
 * @example
 * import { createAuthenticator, type AuthenticatorOptions } from './authenticator.ts';
 *
 * declare const options: AuthenticatorOptions;
 * const { accessToken } = await createAuthenticator(options).ensure({ account: 'ada@example.com' });
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { directory, log } = options;
  const store = withMemoryFallback(options.store);
  const renew = createRenewal({ store, directory, log });
  const pass = createPass({ store, signIn: options.signIn, directory, log });
  const labels = createLabels({ directory, log });
  const signOutEntry = createSignOut({ store, directory, log });
  const pending = new Map<string, Detachable<Session>>();

  const { all, list, answering } = createTenantSessions({ ...options, store, labels });
  const newSignIn = createNewSignIn({ ...options, store, list: all, labels });

  async function find(request: SessionRequest): Promise<Session | undefined> {
    return (await answering(request))[0];
  }

  async function silent(request: SessionRequest = {}): Promise<Session | undefined> {
    const session = await find(request);
    return session && tokenOf(session, request);
  }

  /** The session with the token for the request, renewed where needed; undefined where only the person can help. */
  async function tokenOf(session: Session, request: SessionRequest): Promise<Session | undefined> {
    const held = usable(session, request);
    if (held) return held;
    // What a server wants to know of the person's sign-in no refresh token says.
    if (isStepUp(request) && isRefused(session, request)) return undefined;
    // It goes on for what it has tokens for; whoever wants another one needs a sign-in, or a pass, of their own.
    if (
      !isRenewable(session, request) &&
      (otherAudience(session.tenant, request.audience) || isOfUse(session))
    ) {
      return undefined;
    }
    return renew(session, request);
  }

  /** The session with the token for exactly what was asked for: a sign-in may have been for more. */
  async function answer(session: Session, { rejected, ...request }: SessionRequest): Promise<Session> {
    const held = heldFor(session, request);
    if (held) return held;
    const renewed = isRenewable(session, request) ? await renew(session, request) : undefined;
    if (renewed) return renewed;
    throw signInAgain(session);
  }

  function ensure(request: SessionRequest = {}): Promise<Session> {
    // Whoever stops waiting leaves the sign-in open: the next call joins it instead of opening another tab.
    const { signal, ...wanted } = request;
    const key = JSON.stringify([
      wanted.account,
      wanted.organization,
      wanted.audience,
      wanted.scopes,
      wanted.hints,
      wanted.rejected,
    ]);
    return detachable(pending, key, request, onProgress => {
      const shared = { ...wanted, onProgress };
      return shareSignIn({
        request: shared,
        signal: new AbortController().signal,
        ready: () => silent(shared),
        standing: () => find(shared),
        mustKeep: false,
        isAnyone: false,
      });
    });
  }

  async function signIn(request: SessionRequest = {}, known?: readonly string[]): Promise<Session> {
    const before = new Set(known ?? (await all()).map(session => session.id));
    const begun = Date.now();
    const isNew = ({ id }: Session) => !before.has(id);
    const { audience } = request;
    return shareSignIn({
      request,
      signal: request.signal ?? new AbortController().signal,
      ready: async () =>
        otherAudience(options.tenant(), audience) === undefined
          ? (await answering(request)).find(isNew)
          : (await answering(request))
              .filter(session => known !== undefined || isNew(session))
              .map(session => usable(session, request))
              .find(
                session => session && (!isStepUp(request) || session.expiresAt - session.lifetime >= begun),
              ),
      standing: async () => (await answering(request)).find(session => known !== undefined || isNew(session)),
      mustKeep: true,
      isAnyone: known === undefined,
    });
  }

  async function shareSignIn(shared: SharedSignIn): Promise<Session> {
    const { request, signal, ready, standing, mustKeep, isAnyone } = shared;
    const tenant = options.tenant();
    const audience = otherAudience(tenant, request.audience);
    const onProgress: OnProgress = event => {
      options.onProgress?.(event);
      request.onProgress?.(event);
    };
    const session = await shareWork({
      directory,
      name: `sign-in-${sessionKey(tenant, '')}`,
      log,
      audience,
      signal,
      onProgress,
      onProgressElsewhere: event => {
        onProgress({ ...event, elsewhere: true });
      },
      ready,
      work: async (tell, { waited }) => {
        // A session that cannot be kept is of use to this process alone; each that waited would open a tab.
        if (mustKeep || waited) await store.probe();
        const told = { ...request, isAnyone, signal, onProgress: tell };
        if (audience === undefined) return newSignIn(told);
        // Who somebody is does not depend on the API: the pass for it, where there must be one, needs a session.
        const session = (await standing()) ?? (await newSignIn({ ...told, scopes: [] }));
        const held = isStepUp(request) ? undefined : await tokenOf(session, told);
        return held ?? (await pass(session, { ...told, audience }));
      },
      ...(!mustKeep && { begin: beginElsewhere({ ...options, store, list: all }, request, onProgress) }),
    });
    return answer(session, request);
  }

  async function signOut(id: string): Promise<SignedOut | undefined> {
    const session = (await store.list()).find(stored => stored.id === id);
    return session && signOutEntry(keyOf(session));
  }

  return {
    list,
    silent,
    ensure,
    signIn,
    signOut,
    entries: () => storedEntries(store),
    signOutEntry,
    onDidChange: listener => store.onDidChange(listener),
  };
}
