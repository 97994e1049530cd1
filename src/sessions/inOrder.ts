import { unlessAborted } from '../common/unlessAborted.ts';

/**
 * Builds an order among the works of one name in this process. Processes take turns by a lock, and look again and again
 * until it is free; many works of one process, as the renewals for many APIs are, need not.
 * @returns what runs a work after those of the same name that came before it; it throws what the work throws, or the
 * reason of `signal` where that is aborted while it waits
 */
export function createOrder() {
  const last = new Map<string, Promise<void>>();
  return async function inOrder<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = Promise.withResolvers<undefined>();
    const before = last.get(name) ?? Promise.resolve();
    const tail = before.then(() => done.promise);
    last.set(name, tail);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      done.resolve(undefined);
      if (last.get(name) === tail) last.delete(name);
    }
  };
}
