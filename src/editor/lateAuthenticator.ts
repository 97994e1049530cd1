import type { Authenticator } from '../sessions/authenticator.ts';

/**
 * An authenticator that is loaded when somebody first needs it: an editor starts many extensions, and most windows ask
 * nobody for a token.
 * @param load builds it, once
 * @param store whose changes count until then
 */
export function lateAuthenticator(
  load: () => Promise<Authenticator>,
  store: Pick<Authenticator, 'onDidChange'>,
): Authenticator {
  const listeners = new Map<() => void, { dispose(): void }>();
  let loaded: Authenticator | undefined;
  let loading: Promise<Authenticator> | undefined;

  async function loadOnce(): Promise<Authenticator> {
    const authenticator = await load();
    for (const [listener, watching] of listeners) {
      watching.dispose();
      listeners.set(listener, authenticator.onDidChange(listener));
    }
    return (loaded = authenticator);
  }
  const get = () =>
    (loading ??= loadOnce().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));

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
      listeners.set(listener, (loaded ?? store).onDidChange(listener));
      return {
        dispose() {
          listeners.get(listener)?.dispose();
          listeners.delete(listener);
        },
      };
    },
  };
}
