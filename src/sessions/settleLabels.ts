import { isOmnispindleError } from '../common/errors.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { haveOneLabel, type Labels } from './labels.ts';
import { entryLock } from './renewal.ts';
import { keyOf, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';

/** Where the sessions are whose labels are settled. */
export interface SettleOptions {
  readonly store: SessionStore;
  readonly labels: Labels;
  /** A directory of the user's own, for the lock all processes and windows share. */
  readonly directory: string;
  readonly log: Log;
}

/**
 * All stored sessions, no two accounts with one label: an earlier version called accounts by their e-mail address alone. The
 * account that was there first keeps its label.
 */
export async function settledSessions({ store, labels, directory, log }: SettleOptions): Promise<Session[]> {
  const sessions = await store.list();
  if (!haveOneLabel(sessions)) return sessions;
  for (const session of sessions.toSorted((a, b) => a.signedInAt - b.signedInAt)) {
    try {
      await withLock(directory, entryLock(keyOf(session)), log, async () => {
        const stored = await store.list();
        const current = stored.find(({ id }) => id === session.id);
        const labelled = current && (await labels.label(current, stored));
        if (labelled && labelled.account.label !== current.account.label) await store.write(labelled);
      });
    } catch (error) {
      if (!isOmnispindleError(error, 'storage_failed')) throw error;
      log.warn(error.message);
    }
  }
  return store.list();
}
