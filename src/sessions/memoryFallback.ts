import { isOmnispindleError, type OmnispindleError } from '../common/errors.ts';
import { collectForgotten } from './forgotten.ts';
import { keyOf, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';

/** A session store that can also keep a session for this process alone. */
export interface ForgivingStore extends SessionStore {
  /**
   * Writes a session that a person has just signed in to; where the store has no room for it, this process
   * keeps it until it ends.
   * @returns why it could not be written, where it could not
   */
  keep(session: Session): Promise<OmnispindleError | undefined>;
}

/**
 * A store whose full disk does not cost the person their sign-in. Only what was kept in memory once stays
 * there: a session that other processes share must be written, or its renewal would end it for them.
 */
export function withMemoryFallback(store: SessionStore): ForgivingStore {
  const unwritten = new Map<string, Session>();

  async function keep(session: Session): Promise<OmnispindleError | undefined> {
    const key = keyOf(session);
    try {
      await store.write(session);
      unwritten.delete(key);
      return undefined;
    } catch (error) {
      if (!isOmnispindleError(error, 'storage_failed')) throw error;
      unwritten.set(key, session);
      return error;
    }
  }

  return {
    ...store,
    keep,
    async list() {
      const written = (await store.list()).filter(session => !unwritten.has(keyOf(session)));
      return [...written, ...unwritten.values()];
    },
    async keys() {
      return [...new Set([...(await store.keys()), ...unwritten.keys()])];
    },
    async write(session) {
      if (unwritten.get(keyOf(session))?.id === session.id) await keep(session);
      else await store.write(session);
    },
    async remove(id) {
      for (const [key, session] of unwritten) if (session.id === id) unwritten.delete(key);
      await store.remove(id);
    },
    async clear(key) {
      const session = unwritten.get(key);
      unwritten.delete(key);
      const forgotten = await store.clear(key);
      if (!session) return forgotten;
      const held = collectForgotten([JSON.stringify(session)]);
      return {
        ...forgotten,
        ...held,
        tokens: [...forgotten.tokens, ...held.tokens],
        unreadable: forgotten.unreadable,
      };
    },
  };
}
