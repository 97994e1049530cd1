import type { Memento } from 'vscode';

/** An extension's global state, as the editor keeps it. */
export function createGlobalState(): Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string, absent?: unknown) => kept.get(key) ?? absent,
    update(key: string, value: unknown) {
      kept.set(key, value);
      return Promise.resolve();
    },
  } as Memento;
}
