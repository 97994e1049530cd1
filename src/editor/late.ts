import { setImmediate } from 'node:timers/promises';

/**
 * Makes what loads a part when it is first needed, and gives the same one from then on: an editor starts many extensions,
 * and waits for what each of them loads. A load that failed is tried again. Node.js reads and compiles what is imported
 * at once, so a load begins when whoever asks, `activate()` for example, has gone on.
 * @param load loads the part, and builds it
 * @example
 * import { late } from './late.ts';
 *
 * const plainLine = late(async () => (await import('../common/plainText.ts')).plainLine);
 * (await plainLine())('a name from outside');
 */
export function late<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;

  async function loadNext(): Promise<T> {
    await setImmediate();
    return load();
  }

  return () =>
    (loading ??= loadNext().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}
