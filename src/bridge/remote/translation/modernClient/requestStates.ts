import { randomBytes } from 'node:crypto';

/** How long (ms) a client may take to gather input: a person does it. */
const patience = 600_000;
/** How many calls may wait for input at once; beyond it, the oldest is given up. */
const mostWaiting = 64;

/**
 * What waits for a client to come back with input, by the `requestState` that it has to bring: one that nobody can
 * guess, and valid once (MCP specification 2026-07-28, "Multi Round-Trip Requests").
 * @param onExpired told of what nobody came back for
 */
export function createRequestStates<T>(onExpired: (waiting: T) => void) {
  const waiting = new Map<string, { readonly value: T; readonly timer: NodeJS.Timeout }>();

  function take(state: string): T | undefined {
    const found = waiting.get(state);
    if (!found) return undefined;
    clearTimeout(found.timer);
    waiting.delete(state);
    return found.value;
  }

  function expire(state: string): void {
    const value = take(state);
    if (value !== undefined) onExpired(value);
  }

  return {
    /** @returns what the client has to bring */
    put(value: T): string {
      const [oldest] = waiting.keys();
      if (waiting.size >= mostWaiting && oldest !== undefined) expire(oldest);
      const state = randomBytes(32).toString('base64url');
      const timer = setTimeout(() => {
        expire(state);
      }, patience).unref();
      waiting.set(state, { value, timer });
      return state;
    },
    get: (state: string): T | undefined => waiting.get(state)?.value,
    take,
    values: (): T[] => [...waiting.values()].map(({ value }) => value),
  };
}
