import type { Owner, PersonalStore, Store } from './store.ts';

/** A store that is opened when somebody first needs it. */
export interface LateStore<Caller extends Owner> {
  /** What belongs to the caller. @throws StoreError where the store cannot be opened; the next call tries again */
  of(caller: Caller): Promise<PersonalStore>;
  /** Closes the store where it was opened. */
  close(): Promise<void>;
}

/**
 * Opens a store once, with whose call comes first.
 * @example
 * import { userDirectory } from '../platform/paths.ts';
 * import { lateStore } from './lateStore.ts';
 * import { openSqliteStore } from './sqlite/sqliteStore.ts';
 *
 * const store = lateStore(() => openSqliteStore(userDirectory()));
 * const mine = await store.of({ issuer: 'https://example.eu.auth0.com/', sub: 'auth0|ada' });
 * await mine.listProjects({ limit: 10, offset: 0 });
 * await store.close();
 */
export function lateStore<Caller extends Owner>(open: (first: Caller) => Promise<Store>): LateStore<Caller> {
  let opened: Promise<Store> | undefined;
  return {
    async of(caller) {
      opened ??= open(caller);
      const store = await opened.catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return store.of(caller);
    },
    async close() {
      const closing = opened;
      opened = undefined;
      await (await closing?.catch(() => undefined))?.close();
    },
  };
}
