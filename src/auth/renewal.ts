import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { AuthError, isAuthError } from './errors.ts';
import { lookEvery } from './lock.ts';
import type { Log } from './log.ts';
import { keyOf, needsRenewal, validity, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import { shareWork } from './shareWork.ts';
import { spentMark } from './spentMark.ts';
import type { TokenRequest } from './tokenSource.ts';

export interface RenewalOptions {
  readonly store: SessionStore;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * Builds the renewal of sessions by their refresh tokens (RFC 6749 section 6), once across all processes and windows:
 * refresh tokens rotate, and one that is spent twice ends the session (RFC 9700 section 4.14).
 * @returns what renews one: it gives undefined where the tenant refuses, or nothing can renew it and its time is
 * over; the session is then forgotten and only the person can help. It gives the session as it is where a server's
 * refusal is no reason to renew it ({@link needsRenewal}). It throws AuthError where the tenant gave no answer and the present token cannot
 * be used any more.
 */
export function createRenewal({ store, directory, log }: RenewalOptions) {
  return async function renew(session: Session, request: TokenRequest): Promise<Session | undefined> {
    const again = async () => (await store.list()).find(({ id }) => id === session.id);
    const name = renewalLock(session);
    const spent = spentMark(directory, name, log);
    try {
      return await shareWork({
        directory,
        name,
        log,
        signal: request.signal ?? new AbortController().signal,
        onProgress: request.onProgress ?? (() => undefined),
        ready: async () => {
          const current = await again();
          if (!current) throw signInAgain(session);
          return needsRenewal(current, request.rejected) ? undefined : current;
        },
        work: () =>
          spend().catch(async (error: unknown) => {
            if (isAuthError(error, 'login_required')) {
              log.info(`The session of ${session.account.label} has ended: ${error.message}`);
              // Under the lock: the session of a sign-in that follows must not be taken for the ended one.
              await store.remove(session.id);
            }
            throw error;
          }),
      });
    } catch (error) {
      if (isAuthError(error, 'login_required')) {
        // What another process heard may be about its own session of this account, of the other kind of file.
        return (await again()) ? renew(session, request) : undefined;
      }
      if (isAuthError(error) && session.expiresAt > Date.now() && session.accessToken !== request.rejected) {
        log.warn(l10n.t('The renewal failed; the token is good for a little longer. {0}', error.message));
        return session;
      }
      throw error;
    }

    async function spend(): Promise<Session> {
      let current = await again();
      while (current?.refreshToken && (await spent.isRecent(current.refreshToken))) {
        await delay(lookEvery);
        current = await again();
      }
      if (current && !needsRenewal(current, request.rejected)) return current;
      if (!current?.refreshToken) throw signInAgain(session);
      // A store that cannot be written must show before the tenant rotates the refresh token.
      await store.write(current);
      await spent.set(current.refreshToken);
      log.debug(`Renewing the session of ${current.account.label}.`);
      const replaces = current.accessToken === request.rejected;
      const renewed = await refreshed(current, current.refreshToken, replaces).catch(
        async (error: unknown) => {
          await spent.clear();
          throw error;
        },
      );
      // A process that was stopped has lost the lock: what whoever took it did to the session counts.
      const latest = await again();
      if (!latest) throw signInAgain(session);
      if (latest.refreshToken !== current.refreshToken) return latest;
      await store.write(renewed);
      log.info(`Renewed the session of ${renewed.account.label}.`);
      return renewed;
    }
  };
}

/** The lock under which an account's entry in the store is replaced. */
export function renewalLock(session: Pick<Session, 'tenant' | 'account'>): string {
  return entryLock(keyOf(session));
}

/** The lock of {@link renewalLock}, by the account's key. */
export function entryLock(key: string): string {
  return `renew-${key}`;
}

async function refreshed(session: Session, refreshToken: string, replaces: boolean): Promise<Session> {
  const { refresh } = await import('./refresh.ts');
  const tokens = await refresh(session.tenant, refreshToken);
  return {
    ...session,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? refreshToken,
    ...validity(tokens.expiresInSeconds),
    ...(replaces && { replacedAt: Date.now() }),
  };
}

function signInAgain(session: Session): AuthError {
  return new AuthError(
    'login_required',
    l10n.t('The session of {0} has ended. Sign in again.', session.account.label),
  );
}
