import * as l10n from '@vscode/l10n';
import { AuthError } from '../auth/authError.ts';
import type { Tenant } from '../auth/tenant.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { newSession, scopesFor, withTokensOf } from './accessTokens.ts';
import { withAudiencesOf } from './audiences.ts';
import type { SessionRequest } from './authenticator.ts';
import type { Labels } from './labels.ts';
import { isAccount } from './matching.ts';
import type { ForgivingStore } from './memoryFallback.ts';
import { entryLock } from './renewal.ts';
import { keyOf, type Session } from './session.ts';
import type { SignIn } from './signIn.ts';
import { planSignIn, type PlannedRequest } from './signInPlan.ts';

/** What carries a sign-in out, and where its session is kept. */
export interface NewSignInOptions {
  readonly tenant: () => Tenant;
  readonly signIn: SignIn;
  readonly store: ForgivingStore;
  /** The tenant's stored sessions. */
  readonly list: () => Promise<readonly Session[]>;
  readonly labels: Labels;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

type NewSignInRequest = SessionRequest &
  Pick<PlannedRequest, 'isAnyone'> &
  Required<Pick<SessionRequest, 'signal' | 'onProgress'>>;

/**
 * Builds a sign-in for the tenant's default API, whose session is kept in place of those of the same account.
 * @returns what carries it out; it throws AuthError `account_not_found` where the session, which is kept, is not the
 * wanted account's, and what the flows throw
 */
export function createNewSignIn({ tenant, signIn, store, list, labels, directory, log }: NewSignInOptions) {
  return async function newSignIn(request: NewSignInRequest): Promise<Session> {
    const { signal, onProgress } = request;
    const at = tenant();
    const sessions = await list();
    const scopes = scopesToAsk(sessions, request);
    const plan = planSignIn(request, at, sessions);
    const grant = await signIn({ tenant: at, audience: at.audience, scopes, ...plan, signal, onProgress });
    return keep(newSession(at, scopes, grant), request);
  };

  /**
   * The new session replaces its account's: it must also do for whoever asked for the scopes of that one, if
   * tokens for fewer can be got of it.
   */
  function scopesToAsk(sessions: readonly Session[], { account, scopes = [] }: SessionRequest): string[] {
    const replaceable = sessions.filter(
      ({ refreshToken, ...session }) =>
        refreshToken !== undefined && (account === undefined || isAccount(session, account)),
    );
    return scopesFor([...replaceable.flatMap(session => session.scopes), ...scopes]);
  }

  async function keep(granted: Session, request: NewSignInRequest): Promise<Session> {
    const key = keyOf(granted);
    // Under the renewal's lock: one under way must not put the replaced session back.
    const { session, unkept } = await withLock(directory, entryLock(key), log, async () => {
      const stored = await store.list();
      const previous = stored.filter(one => keyOf(one) === key);
      const labelled = await labels.label(granted, stored);
      const session = withAudiencesOf(previous, withTokensOf(previous, labelled));
      return { session, unkept: await store.keep(session) };
    });
    log.info(`Signed in as ${session.account.label}.`);
    if (unkept) request.onProgress({ type: 'unkept', label: session.account.label, reason: unkept.message });
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
}
