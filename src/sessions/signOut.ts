import * as l10n from '@vscode/l10n';
import { isOmnispindleError, messageOf } from '../common/errors.ts';
import type { Forgotten } from './forgotten.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { entryLock } from './renewal.ts';
import { keyOf, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';

/** How a sign-out went; nothing of the account is on the disk afterwards. */
export interface SignedOut {
  /** Who it was, where that could be read. */
  readonly label?: string;
  /** Why a session may go on at the tenant; absent where every refresh token was revoked. */
  readonly untold?: string;
  /** Until when an access token counts that was given out; milliseconds since the epoch, absent where none does. */
  readonly accessTokenEnds?: number;
}

/** What is stored of one account. */
export interface StoredEntry {
  /** The account's (`sessionKey`). */
  readonly key: string;
  /** Absent where it cannot be read, or nobody is signed in by it any more. */
  readonly session?: Session;
}

/** All that is stored, of whatever tenant. */
export async function storedEntries(store: SessionStore): Promise<StoredEntry[]> {
  const sessions = new Map((await store.list()).map(session => [keyOf(session), session]));
  const keys = new Set([...sessions.keys(), ...(await store.keys())]);
  return [...keys].map(key => {
    const session = sessions.get(key);
    return session ? { key, session } : { key };
  });
}

/** Where the sessions are that are signed out. */
export interface SignOutOptions {
  readonly store: SessionStore;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * Builds the sign-out of an account by the key of its entries (`sessionKey`): removes them all, readable or
 * not, then revokes the refresh tokens that were in them, replaced ones too (RFC 7009).
 * @returns what carries it out; it throws OmnispindleError `storage_failed` where something could not be removed
 */
export function createSignOut({ store, directory, log }: SignOutOptions) {
  return async function signOut(key: string): Promise<SignedOut> {
    // Under the renewal's lock: a renewal that is under way must not bring the session back.
    return withLock(directory, entryLock(key), log, async () => {
      const forgotten = await store.clear(key);
      const untold = await tell(forgotten);
      const { label, accessTokenEnds = 0, failure } = forgotten;
      if (untold !== undefined) log.warn(untold);
      if (failure) throw failure;
      log.info(`Signed out ${label ?? 'an account whose entry could not be read'}.`);
      return {
        ...(label !== undefined && { label }),
        ...(untold !== undefined && { untold }),
        ...(accessTokenEnds > Date.now() && { accessTokenEnds }),
      };
    });
  };
}

/** @returns why the tenant does not know of the sign-out, or not of all of it */
async function tell({ tokens, unreadable }: Forgotten): Promise<string | undefined> {
  const reasons: string[] = [];
  const unreachable = new Set<string>();
  const { revoke } = await import('../auth/revoke.ts');
  for (const { tenant, refreshToken } of tokens) {
    if (unreachable.has(tenant.domain)) continue;
    try {
      await revoke(tenant, refreshToken);
    } catch (error) {
      if (isOmnispindleError(error, 'tenant_unreachable')) unreachable.add(tenant.domain);
      reasons.push(messageOf(error));
    }
  }
  if (unreadable > 0) {
    reasons.push(l10n.t('What was stored could not all be read ({0}).', String(unreadable)));
  }
  if (reasons.length === 0) return undefined;
  return l10n.t(
    'The tenant could not be told of the sign-out. {0} The session is gone from this machine, but may go on at the tenant until it ends by its time; to end it sooner, ask who runs the tenant.',
    [...new Set(reasons)].join(' '),
  );
}
