import { setTimeout as delay } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import { areSameScopes, scopesFor } from './accessTokens.ts';
import { entryOf, heldFor, isRenewable, otherAudience, renewerOf } from './audiences.ts';
import { AuthError } from '../auth/authError.ts';
import { isOmnispindleError } from '../common/errors.ts';
import { lookEvery } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { createOrder } from './inOrder.ts';
import { plainLine } from '../common/plainText.ts';
import { renewed, scopesToRefresh, type Spent } from './renewed.ts';
import { keyOf, needsRenewal, refreshTokensOf, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';
import { shareWork } from './shareWork.ts';
import { spentMark } from './spentMark.ts';
import type { TokenRequest } from './tokenSource.ts';

/** Where the sessions are that are renewed, and who else may renew them. */
export interface RenewalOptions {
  readonly store: SessionStore;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

/** That the session goes on, and gives what is asked for only after a pass through the browser. */
const needsPass = 'needs a pass';

/**
 * Builds the renewal of sessions by their refresh tokens (RFC 6749 section 6), once for each API across all processes
 * and windows: refresh tokens rotate, and one that is spent twice ends the session (RFC 9700 section 4.14).
 * @returns what renews one: it gives undefined where only the person can help: the tenant refuses, or nothing can renew
 * it and its time is over, and the session is then forgotten; or it goes on, and another API needs a pass through the
 * browser. It gives the session as it is where a server's refusal is no reason to renew it ({@link needsRenewal}). It
 * throws OmnispindleError where the tenant gave no answer, or none to use, and the present token cannot be used any more.
 */
export function createRenewal({ store, directory, log }: RenewalOptions) {
  const inOrder = createOrder();
  return async function renew(session: Session, request: TokenRequest): Promise<Session | undefined> {
    const scopes = scopesFor(request.scopes);
    const audience = otherAudience(session.tenant, request.audience);
    const again = async () => (await store.list()).find(({ id }) => id === session.id);
    const name = entryLock(keyOf(session));
    const spent = spentMark(directory, name, log);
    const { signal = new AbortController().signal } = request;
    const since = Date.now();
    try {
      const result = await inOrder(name, signal, () =>
        shareWork({
          directory,
          name,
          log,
          audience,
          signal,
          since,
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
        }),
      );
      return result === needsPass ? undefined : result;
    } catch (error) {
      if (isOmnispindleError(error, 'login_required')) {
        // What another process heard may be about its own session of this account, of the other kind of file.
        return (await again()) ? renew(session, request) : undefined;
      }
      const held = heldFor(session, request);
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

    /** The session with the token for the request, where that needs no renewal, or can have none. */
    function usable(current: Session | undefined): Session | typeof needsPass | undefined {
      if (!current) return undefined;
      const held = heldFor(current, request);
      if (held && !needsRenewal(held, request.rejected)) return held;
      return audience !== undefined && !isRenewable(current, request) ? needsPass : undefined;
    }

    async function spend(): Promise<Session | typeof needsPass> {
      let current = await again();
      while (current && (await isSpent(current))) {
        await delay(lookEvery);
        current = await again();
      }
      const now = usable(current);
      if (now) return now;
      if (!current || renewerOf(current, audience) === undefined) throw signInAgain(session);
      // A store that cannot be written must show before the tenant rotates the refresh token.
      await store.write(current);
      const { granted } = current;
      if (audience === undefined && granted === undefined && !areSameScopes(scopes, current.scopes)) {
        // An earlier version did not write down what was granted; less than that is all that may be asked for.
        current = await spendOn(current, current.scopes);
      }
      const result = await spendOn(current, scopes);
      const held = heldFor(result, request) ?? usable(result);
      if (held) return held;
      throw new AuthError(
        'server_error',
        l10n.t('Another process renewed the session at the same time. Try again in a moment.'),
      );
    }

    async function isSpent(current: Session): Promise<boolean> {
      const renewer = renewerOf(current, audience);
      return renewer !== undefined && spent.isRecent(renewer);
    }

    async function spendOn(current: Session, wanted: readonly string[]): Promise<Session> {
      const refreshToken = renewerOf(current, audience);
      if (refreshToken === undefined) throw signInAgain(session);
      const held = heldFor(current, { audience, scopes: wanted });
      const replaces = held !== undefined && held.accessToken === request.rejected;
      const use: Spent = { refreshToken, audience, wanted, replaces };
      await spent.set(refreshToken);
      log.debug(
        `Renewing the session of ${current.account.label}${audience === undefined ? '' : ` for ${plainLine(audience)}`}.`,
      );
      const { refresh } = await import('../auth/refresh.ts');
      const asked = { audience, scopes: scopesToRefresh(current, use) };
      const tokens = await refresh(session.tenant, refreshToken, asked).catch(async (error: unknown) => {
        await spent.clear();
        if (!isOmnispindleError(error, 'login_required') || !isOwnOf(current, refreshToken)) throw error;
        // What has ended is one API's alone.
        log.info(
          `${current.account.label} needs another pass for ${plainLine(String(audience))}. ${error.message}`,
        );
        return undefined;
      });
      // A process that was stopped has lost the lock: what whoever took it did to the session counts.
      const latest = await again();
      if (!latest) throw signInAgain(session);
      if (!refreshTokensOf(latest).includes(refreshToken)) return latest;
      const { session: next, failure } = renewed(latest, use, tokens);
      await store.write(next);
      if (failure) throw failure;
      log.info(`Renewed the session of ${next.account.label}.`);
      return next;
    }

    function isOwnOf(current: Session, refreshToken: string): boolean {
      return audience !== undefined && entryOf(current, audience).refreshToken === refreshToken;
    }
  };
}

/** The lock under which an account's entry in the store is replaced, by the account's key. */
export function entryLock(key: string): string {
  return `renew-${key}`;
}

/** Why a session that has ended gives nothing any more. */
export function signInAgain(session: Session): AuthError {
  return new AuthError(
    'login_required',
    l10n.t('The session of {0} has ended. Sign in again.', session.account.label),
  );
}
