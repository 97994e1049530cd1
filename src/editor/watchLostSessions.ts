import type * as vscode from 'vscode';
import type { SessionStore } from '../sessions/sessionStore.ts';
import { isMarkedKept } from './keptMark.ts';
import type { LostSessionsOptions } from './lostSessions.ts';
import { whenFocused } from './whenFocused.ts';

/** As {@link LostSessionsOptions}, with a store that is opened when it is needed. */
interface WatchOptions extends Omit<LostSessionsOptions, 'store'> {
  readonly store: () => Promise<SessionStore>;
}

/** Looks once, at the start, whether the editor has lost the sessions that were stored, and says so. */
export function watchLostSessions({ context, store, log }: WatchOptions): vscode.Disposable {
  if (!isMarkedKept(context.globalState)) return { dispose: () => undefined };
  const look = async () => {
    // First, because it lets activate() go on; what is imported is read and compiled at once.
    const opened = await store();
    const { tellOfLostSessions } = await import('./lostSessions.ts');
    await tellOfLostSessions({ context, store: opened, log });
  };
  return whenFocused(() => {
    look().catch((error: unknown) => {
      log.warn(String(error));
    });
  });
}
