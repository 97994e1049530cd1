import * as l10n from '@vscode/l10n';
import { hasLiveToken, newSession, scopesFor, withTokenFor, withTokensOf } from './accessTokens.ts';
import { detachable, type Detachable } from './detachable.ts';
import { AuthError } from '../auth/authError.ts';
import type { LoginHints } from '../auth/flows/flow.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { answers, isAccount } from './matching.ts';
import { withMemoryFallback } from './memoryFallback.ts';
import { createRenewal, entryLock } from './renewal.ts';
import { keyOf, needsRenewal, sessionKey, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import { shareWork } from './shareWork.ts';
import { beginElsewhere, type SignInElsewhere } from './signInElsewhere.ts';
import type { SignIn } from './signIn.ts';
import { createSignOut, storedEntries, type SignedOut, type StoredEntry } from './signOut.ts';
import { isSameTenant, type Tenant } from '../auth/tenant.ts';
import type { OnProgress } from './signInEvent.ts';
import type { TokenRequest } from './tokenSource.ts';

export type { StoredEntry } from './signOut.ts';

/** Whose session somebody needs, and for which scopes. */
export interface SessionRequest extends TokenRequest {
  /** The account's `sub`, e-mail or label; any account where absent. */
  readonly account?: string;
  readonly hints?: LoginHints;
}

/** A person's sessions at the tenant: found, renewed, begun and ended, once across all processes. */
export interface Authenticator {
  /** The tenant's stored sessions as they are, renewing nothing. */
  list(): Promise<Session[]>;
  /** A valid session, renewed where needed; undefined where only a person could help. @throws OmnispindleError where trying later may help */
  silent(request?: SessionRequest): Promise<Session | undefined>;
  /**
   * A valid session, signing in where needed; any number of waiting processes share one sign-in.
   * @throws OmnispindleError as {@link silent}, `timed_out` (after 5 min), `cancelled` (`signal`), `account_not_found`, a flow's
   */
  ensure(request?: SessionRequest): Promise<Session>;
  /**
   * A new sign-in, even where a session exists.
   * @param known the ids of the sessions that will not do; those there are where absent
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
  /** Whether a sign-in that cannot be kept is of no use. */
  readonly mustKeep: boolean;
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
  const signOutEntry = createSignOut({ store, directory, log });
  const pending = new Map<string, Detachable<Session>>();

  async function list(): Promise<Session[]> {
    const tenant = options.tenant();
    const sessions = (await store.list()).filter(session => isSameTenant(session.tenant, tenant));
    return sessions.sort((a, b) => b.signedInAt - a.signedInAt);
  }

  async function find(request: SessionRequest): Promise<Session | undefined> {
    return (await list()).find(session => answers(session, request));
  }

  async function silent(request: SessionRequest = {}): Promise<Session | undefined> {
    const session = await find(request);
    if (!session) return undefined;
    const held = withTokenFor(session, scopesFor(request.scopes));
    if (held && !needsRenewal(held, request.rejected)) return held;
    // It goes on for those that it has a token for; whoever wants another one needs a sign-in of their own.
    if (session.refreshToken === undefined && hasLiveToken(session)) return undefined;
    return renew(session, request);
  }

  /** The session with the token for exactly what was asked for: a sign-in may have been for more. */
  async function answer(session: Session, { rejected, ...request }: SessionRequest): Promise<Session> {
    const held = withTokenFor(session, scopesFor(request.scopes));
    if (held) return held;
    const renewed = session.refreshToken === undefined ? undefined : await renew(session, request);
    if (renewed) return renewed;
    throw new AuthError(
      'login_required',
      l10n.t('The session of {0} has ended. Sign in again.', session.account.label),
    );
  }

  function ensure(request: SessionRequest = {}): Promise<Session> {
    // Whoever stops waiting leaves the sign-in open: the next call joins it instead of opening another tab.
    const { signal, ...wanted } = request;
    const key = JSON.stringify([wanted.account, wanted.scopes, wanted.hints, wanted.rejected]);
    return detachable(pending, key, request, onProgress => {
      const shared = { ...wanted, onProgress };
      return shareSignIn({
        request: shared,
        signal: new AbortController().signal,
        ready: () => silent(shared),
        mustKeep: false,
      });
    });
  }

  async function signIn(request: SessionRequest = {}, known?: readonly string[]): Promise<Session> {
    const before = new Set(known ?? (await list()).map(session => session.id));
    return shareSignIn({
      request,
      signal: request.signal ?? new AbortController().signal,
      ready: async () => (await list()).find(session => !before.has(session.id) && answers(session, request)),
      mustKeep: true,
    });
  }

  async function shareSignIn({ request, signal, ready, mustKeep }: SharedSignIn): Promise<Session> {
    const tenant = options.tenant();
    const onProgress: OnProgress = event => {
      options.onProgress?.(event);
      request.onProgress?.(event);
    };
    const session = await shareWork({
      directory,
      name: `sign-in-${sessionKey(tenant, '')}`,
      log,
      signal,
      onProgress,
      onProgressElsewhere: event => {
        onProgress({ ...event, elsewhere: true });
      },
      ready,
      work: async (tell, { waited }) => {
        // A session that cannot be kept is of use to this process alone; each that waited would open a tab.
        if (mustKeep || waited) await store.probe();
        const scopes = await scopesToAsk(request);
        const hints = {
          ...(request.account?.includes('@') && { loginHint: request.account }),
          ...request.hints,
        };
        const grant = await options.signIn({
          tenant,
          audience: tenant.audience,
          scopes,
          hints,
          signal,
          onProgress: tell,
        });
        return keep(newSession(tenant, scopes, grant), { ...request, onProgress: tell });
      },
      ...(!mustKeep && { begin: beginElsewhere({ ...options, store, list }, request, onProgress) }),
    });
    return answer(session, request);
  }

  /**
   * The new session replaces its account's: it must also do for whoever asked for the scopes of that one, if
   * tokens for fewer can be got of it.
   */
  async function scopesToAsk({ account, scopes = [] }: SessionRequest): Promise<string[]> {
    const replaceable = (await list()).filter(
      ({ refreshToken, ...session }) =>
        refreshToken !== undefined && (account === undefined || isAccount(session, account)),
    );
    return scopesFor([...replaceable.flatMap(session => session.scopes), ...scopes]);
  }

  async function keep(granted: Session, request: SessionRequest): Promise<Session> {
    const key = keyOf(granted);
    // Under the renewal's lock: one under way must not put the replaced session back.
    const { session, unkept } = await withLock(directory, entryLock(key), log, async () => {
      const previous = (await store.list()).filter(stored => keyOf(stored) === key);
      const session = withTokensOf(previous, granted);
      return { session, unkept: await store.keep(session) };
    });
    log.info(`Signed in as ${session.account.label}.`);
    if (unkept) {
      request.onProgress?.({ type: 'unkept', label: session.account.label, reason: unkept.message });
    }
    if (request.account === undefined || isAccount(session, request.account)) return session;
    throw new AuthError(
      'account_not_found',
      l10n.t(
        'You signed in as {0}, but {1} was asked for. Try again and choose {1}, or choose {0} as the account to use.',
        session.account.label,
        request.account,
      ),
    );
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
