import { watch, type FSWatcher } from 'node:fs';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from './paths.ts';

/** Tells of changes in a directory of ours, made here (`changed`) or by another process, until nobody listens. */
export function watchDirectory(directory: string, log: Log) {
  const listeners = new Set<() => void>();
  let watcher: FSWatcher | undefined;
  let pending: NodeJS.Timeout | undefined;

  function changed(): void {
    clearTimeout(pending);
    pending = setTimeout(() => {
      for (const listener of listeners) listener();
    }, 20);
    pending.unref();
  }

  function onDidChange(listener: () => void): { dispose(): void } {
    listeners.add(listener);
    if (!watcher) {
      void ensurePrivateDirectory(directory, log)
        .then(() => {
          if (listeners.size > 0) {
            watcher ??= watch(directory, { persistent: false }, changed).on('error', () => undefined);
          }
        })
        .catch((error: unknown) => {
          log.warn(messageOf(error));
        });
    }
    return {
      dispose() {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        watcher?.close();
        watcher = undefined;
      },
    };
  }

  return { changed, onDidChange };
}
