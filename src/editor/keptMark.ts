import type { Memento } from 'vscode';
import type { SessionStore } from '../sessions/sessionStore.ts';

const keptKey = 'sessionsKept';

/** Whether sessions were stored and have not all been signed out since. */
export function isMarkedKept(state: Memento): boolean {
  return state.get(keptKey) === true;
}

/** Sets or removes the mark that sessions were stored. */
export async function markKept(state: Memento, isKept: boolean): Promise<void> {
  if (isKept !== isMarkedKept(state)) await state.update(keptKey, isKept || undefined);
}

/**
 * Notes in the global state, which no keyring is needed for, that the store has sessions: whoever finds the note and no
 * session knows that the editor has lost it.
 */
export function withKeptMark(store: SessionStore, state: Memento): SessionStore {
  /** The store has done its work by then, and this is not part of it. */
  async function note(hasSessions: () => Promise<boolean>): Promise<void> {
    try {
      await markKept(state, await hasSessions());
    } catch {
      // Then a loss is not told.
    }
  }
  const lookAgain = async () => (await store.keys()).length > 0;

  return {
    ...store,
    async write(session) {
      await store.write(session);
      await note(() => Promise.resolve(true));
    },
    async remove(id) {
      await store.remove(id);
      await note(lookAgain);
    },
    async clear(key) {
      const forgotten = await store.clear(key);
      await note(lookAgain);
      return forgotten;
    },
  };
}
