import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `look` finds something, and returns it. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  patience = 40_000,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${String(patience / 1000)} s.`);
    await delay(100);
  }
}
