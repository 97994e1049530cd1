import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../auth/log.ts';
import { ensurePrivateDirectory } from '../auth/paths.ts';

/** Passes a callback from the window the system gave it to, to the window that waits for it. */
export interface CallbackRendezvous {
  /** Calls the listener with the query of each callback for that `state`, from whichever window. */
  wait(state: string, listener: (query: URLSearchParams) => void): Promise<{ dispose(): void }>;
  /** Hands a callback on. False where no window waits for it. */
  deliver(query: URLSearchParams): Promise<boolean>;
}

/**
 * The windows of one user meet in files of a private directory, one for each sign-in that waits, named by
 * a hash of its `state`. A code lies there for moments, and is worth nothing without the verifier, which
 * never leaves the waiting window.
 */
export function createCallbackRendezvous(directory: string, log: Log): CallbackRendezvous {
  const here = new Map<string, (query: URLSearchParams) => void>();
  const pathOf = (state: string) => join(directory, createHash('sha256').update(state).digest('hex'));

  return {
    async wait(state, listener) {
      const path = pathOf(state);
      await ensurePrivateDirectory(directory, log);
      await writeFile(path, '', { mode: 0o600 });
      here.set(state, listener);
      const watcher = watch(path, () => {
        void readFile(path, 'utf8')
          .then(text => {
            if (text) listener(new URLSearchParams(text));
          })
          .catch(() => undefined);
      }).on('error', () => undefined);
      return {
        dispose() {
          here.delete(state);
          watcher.close();
          void rm(path, { force: true });
        },
      };
    },

    async deliver(query) {
      const state = query.get('state') ?? '';
      const listener = here.get(state);
      if (listener) {
        listener(query);
        return true;
      }
      try {
        // Only into the file of a window that waits, never into a new one.
        await writeFile(pathOf(state), query.toString(), { flag: 'r+' });
        return true;
      } catch {
        return false;
      }
    },
  };
}
