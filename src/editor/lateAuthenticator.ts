import type { Authenticator } from '../sessions/authenticator.ts';
import { late } from './late.ts';

/**
 * An authenticator that is loaded when somebody first needs it. Until then it tells of no change: whoever asks first gets
 * what is stored then.
 * @param load builds it
 */
export function lateAuthenticator(load: () => Promise<Authenticator>): Authenticator {
  const listeners = new Map<() => void, { dispose(): void } | undefined>();
  let loaded: Authenticator | undefined;
  const get = late(async () => {
    loaded = await load();
    for (const listener of listeners.keys()) listeners.set(listener, loaded.onDidChange(listener));
    return loaded;
  });

  return {
    list: async () => (await get()).list(),
    silent: async request => (await get()).silent(request),
    ensure: async request => (await get()).ensure(request),
    signIn: async (request, known) => (await get()).signIn(request, known),
    signOut: async id => (await get()).signOut(id),
    entries: async () => (await get()).entries(),
    signOutEntry: async key => (await get()).signOutEntry(key),
    onDidChange(given) {
      const listener = () => {
        given();
      };
      listeners.set(listener, loaded?.onDidChange(listener));
      return {
        dispose() {
          listeners.get(listener)?.dispose();
          listeners.delete(listener);
        },
      };
    },
  };
}
