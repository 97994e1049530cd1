import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { areSameScopes, scopesFor, withToken, withTokenFor } from './accessTokens.ts';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { lookEvery } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { plainLine } from '../common/plainText.ts';
import { keyOf, needsRenewal, validity, type AccessToken, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import { shareWork } from './shareWork.ts';
import { spentMark } from './spentMark.ts';
import type { Tenant } from '../auth/tenant.ts';
import type { TokenRequest } from './tokenSource.ts';

/** Where the sessions are that are renewed, and who else may renew them. */
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
 * refusal is no reason to renew it ({@link needsRenewal}). It throws OmnispindleError where the tenant gave no answer and
 * the present token cannot be used any more.
 */
export function createRenewal({ store, directory, log }: RenewalOptions) {
  return async function renew(session: Session, request: TokenRequest): Promise<Session | undefined> {
    const scopes = scopesFor(request.scopes);
    const again = async () => (await store.list()).find(({ id }) => id === session.id);
    const name = entryLock(keyOf(session));
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
          return usable(current);
        },
        work: () =>
          spend().catch(async (error: unknown) => {
            if (isOmnispindleError(error, 'login_required')) {
              log.warn(l10n.t('{0} is signed out. {1}', session.account.label, error.message));
              // Under the lock: the session of a sign-in that follows must not be taken for the ended one.
              await store.remove(session.id);
            }
            throw error;
          }),
      });
    } catch (error) {
      if (isOmnispindleError(error, 'login_required')) {
        // What another process heard may be about its own session of this account, of the other kind of file.
        return (await again()) ? renew(session, request) : undefined;
      }
      const held = withTokenFor(session, scopes);
      if (
        isOmnispindleError(error) &&
        held &&
        held.expiresAt > Date.now() &&
        held.accessToken !== request.rejected
      ) {
        log.warn(l10n.t('The renewal failed; the token is good for a little longer. {0}', error.message));
        return held;
      }
      throw error;
    }

    /** The session with the token for the request, where that needs no renewal. */
    function usable(current: Session | undefined): Session | undefined {
      const held = current && withTokenFor(current, scopes);
      return held && !needsRenewal(held, request.rejected) ? held : undefined;
    }

    async function spend(): Promise<Session> {
      let current = await again();
      while (current?.refreshToken && (await spent.isRecent(current.refreshToken))) {
        await delay(lookEvery);
        current = await again();
      }
      const held = usable(current);
      if (held) return held;
      if (!current?.refreshToken) throw signInAgain(session);
      // A store that cannot be written must show before the tenant rotates the refresh token.
      await store.write(current);
      if (current.granted === undefined && !areSameScopes(scopes, current.scopes)) {
        // An earlier version did not write down what was granted; less than that is all that may be asked for.
        current = await spendOn(current, current.scopes);
      }
      const renewed = withTokenFor(await spendOn(current, scopes), scopes);
      if (renewed) return renewed;
      throw new AuthError(
        'server_error',
        l10n.t('Another process renewed the session at the same time. Try again in a moment.'),
      );
    }

    async function spendOn(current: Session, wanted: readonly string[]): Promise<Session> {
      const { refreshToken } = current;
      if (refreshToken === undefined) throw signInAgain(session);
      await spent.set(refreshToken);
      log.debug(`Renewing the session of ${current.account.label}.`);
      const replaces = withTokenFor(current, wanted)?.accessToken === request.rejected;
      const { renewed, excess } = await refreshed(current, refreshToken, wanted, replaces).catch(
        async (error: unknown) => {
          await spent.clear();
          throw error;
        },
      );
      // A process that was stopped has lost the lock: what whoever took it did to the session counts.
      const latest = await again();
      if (!latest) throw signInAgain(session);
      if (latest.refreshToken !== refreshToken) return latest;
      await store.write(renewed);
      if (excess.length > 0) throw tooMuch(session.tenant, excess);
      log.info(`Renewed the session of ${renewed.account.label}.`);
      return renewed;
    }
  };
}

/** The lock under which an account's entry in the store is replaced, by the account's key. */
export function entryLock(key: string): string {
  return `renew-${key}`;
}

interface Renewed {
  readonly renewed: Session;
  /** Scopes of other servers that the tenant put into the token anyway: it is not kept. */
  readonly excess: readonly string[];
}

async function refreshed(
  session: Session,
  refreshToken: string,
  wanted: readonly string[],
  replaces: boolean,
): Promise<Renewed> {
  const { refresh } = await import('../auth/refresh.ts');
  const isAll = areSameScopes(wanted, session.scopes);
  const granted = session.granted ?? session.scopes;
  const asked = isAll ? undefined : wanted.filter(scope => granted.includes(scope));
  const tokens = await refresh(session.tenant, refreshToken, asked);
  const next: Session = {
    ...session,
    refreshToken: tokens.refreshToken ?? refreshToken,
    ...(isAll && session.granted === undefined && { granted: tokens.scopes ?? session.scopes }),
  };
  const excess = session.scopes.filter(scope => !wanted.includes(scope) && tokens.scopes?.includes(scope));
  if (excess.length > 0) return { renewed: next, excess };
  const token: AccessToken = {
    scopes: wanted,
    accessToken: tokens.accessToken,
    ...validity(tokens.expiresInSeconds),
    ...(replaces && { replacedAt: Date.now() }),
  };
  return { renewed: withToken(next, token), excess };
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

function signInAgain(session: Session): AuthError {
  return new AuthError(
    'login_required',
    l10n.t('The session of {0} has ended. Sign in again.', session.account.label),
  );
}
