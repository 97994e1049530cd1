import { createHash } from 'node:crypto';
import { constants, watch } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory, provePrivateDirectory, storageFailed } from '../platform/paths.ts';
import { openPrivateFile, readPrivateFile } from '../platform/privateFile.ts';

/** Passes a callback from the window the system gave it to, to the window that waits for it. */
export interface CallbackRendezvous {
  /**
   * Calls the listener with the query of each callback for that `state`, from whichever window.
   * @throws OmnispindleError `storage_failed` where windows have no place of their own to meet
   */
  wait(state: string, listener: (query: URLSearchParams) => void): Promise<{ dispose(): void }>;
  /** Hands a callback on. False where no window waits for it. */
  deliver(query: URLSearchParams): Promise<boolean>;
}

/** Largest callback (bytes) that is read: a code, a `state` and an `iss`. */
const maximumCallback = 65_536;

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
      await writeFile(path, '', { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
        throw storageFailed(path, error);
      });
      here.set(state, listener);
      const watcher = watch(path, () => {
        void readPrivateFile(path, maximumCallback, log)
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
        if (!provePrivateDirectory(directory, log)) return false;
        // Only into the file of a window that waits, never into a new one.
        const file = await openPrivateFile(pathOf(state), constants.O_RDWR, log);
        try {
          await file.writeFile(query.toString());
        } finally {
          await file.close();
        }
        return true;
      } catch (error) {
        if (isOmnispindleError(error)) log.warn(error.message);
        return false;
      }
    },
  };
}
