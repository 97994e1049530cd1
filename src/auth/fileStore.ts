import { watch, type FSWatcher } from 'node:fs';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { isAuthError, messageOf } from './errors.ts';
import type { Log } from './log.ts';
import { ensurePrivateDirectory, provePrivateDirectory, storageFailed } from './paths.ts';
import { readPrivateFile, writePrivateFile } from './privateFile.ts';
import { parseSession, sessionKey, type Session } from './session.ts';
import type { SessionStore } from './sessionStore.ts';

/** Turns a session's text into what is stored, and back. Where it is absent the text is stored as it is. */
export interface Seal {
  seal(text: string): Promise<string>;
  /** Undefined where the text was not sealed with this key. */
  unseal(text: string): Promise<string | undefined>;
}

interface Entry {
  readonly path: string;
  readonly session: Session;
}

const plainSuffix = '.json';
const sealedSuffix = '.sealed';
/** Largest file (bytes) that is read as a session. */
const maximumSession = 1 << 20;

/**
 * Keeps each session in a file only its owner can read (0600 in a 0700 directory), written atomically.
 * With a seal the files are encrypted besides, and files of an earlier time without one are still read.
 */
export function createFileStore(directory: string, log: Log, seal?: Seal): SessionStore {
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

  async function setAside(path: string): Promise<void> {
    const aside = `${path}.corrupt`;
    await rename(path, aside).catch(() => undefined);
    log.warn(
      l10n.t('A stored sign-in could not be read; it is kept as {0}. Sign in again to replace it.', aside),
    );
  }

  async function read(name: string): Promise<Entry | undefined> {
    const path = join(directory, name);
    try {
      const stored = await readPrivateFile(path, maximumSession, log);
      const text = name.endsWith(sealedSuffix) ? await seal?.unseal(stored) : stored;
      const session = text === undefined ? undefined : parseSession(text);
      if (session) return { path, session };
      await setAside(path);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
        log.warn((isAuthError(error) ? error : storageFailed(path, error)).message);
      }
    }
    return undefined;
  }

  async function entries(): Promise<Entry[]> {
    if (!(await provePrivateDirectory(directory, log))) return [];
    const names = await readdir(directory).catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== 'ENOENT' && code !== 'ENOTDIR') {
        log.warn(
          l10n.t(
            '{0} could not be read ({1}). Correct its permissions, then run this again.',
            directory,
            code,
          ),
        );
      }
      return [];
    });
    const readable = names.filter(
      name => name.endsWith(plainSuffix) || (seal !== undefined && name.endsWith(sealedSuffix)),
    );
    const found = await Promise.all(readable.map(read));
    return found.filter(entry => entry !== undefined);
  }

  /** Removes what writers of that file who were killed have left beside it: there are tokens in it. */
  async function sweep(path: string): Promise<void> {
    const leftover = new RegExp(`^${basename(path)}\\.\\d+$`);
    for (const name of await readdir(directory)) {
      if (leftover.test(name)) await rm(join(directory, name), { force: true });
    }
  }

  return {
    async list() {
      return (await entries()).map(entry => entry.session);
    },

    async probe() {
      const path = join(directory, 'probe');
      await ensurePrivateDirectory(directory, log);
      try {
        await rm(path, { force: true });
        await writeFile(path, 'x'.repeat(16_384), { mode: 0o600, flag: 'wx' });
      } catch (error) {
        throw storageFailed(path, error);
      } finally {
        await rm(path, { force: true });
      }
    },

    async write(session) {
      const key = sessionKey(session.tenant, session.account.id);
      const path = join(directory, key + (seal ? sealedSuffix : plainSuffix));
      await ensurePrivateDirectory(directory, log);
      const text = JSON.stringify(session);
      try {
        await sweep(path);
        await writePrivateFile(path, seal ? await seal.seal(text) : text);
      } catch (error) {
        throw storageFailed(path, error);
      }
      // What was written with or without a keychain before: it would come back when this one is removed.
      await rm(join(directory, key + (seal ? plainSuffix : sealedSuffix)), { force: true });
      changed();
    },

    async remove(id) {
      for (const { path, session } of await entries()) {
        if (session.id === id) {
          try {
            await sweep(path);
            await rm(path, { force: true });
          } catch (error) {
            throw storageFailed(path, error);
          }
        }
      }
      changed();
    },

    onDidChange(listener) {
      listeners.add(listener);
      if (!watcher) {
        void ensurePrivateDirectory(directory, log)
          .then(() => {
            if (listeners.size > 0)
              watcher ??= watch(directory, { persistent: false }, changed).on('error', () => undefined);
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
    },
  };
}
