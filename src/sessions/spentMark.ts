import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { storageFailed } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';

const markSchema = z.object({ fingerprint: z.string(), at: z.number() });

/** How long (ms) after a refresh token was spent another window's view of the store may still show it. */
const storeLag = 3_000;
/** Largest file (bytes) that is read as a mark. */
const maximumMark = 4_096;

/**
 * Remembers, on disk and for every process, which refresh token was spent last. An editor's SecretStorage
 * reaches its other windows some 100 ms after a write, so a window that comes second may find the old
 * refresh token in it although it holds the lock; spending that again would end the session.
 * Only a hash is kept.
 */
export function spentMark(directory: string, name: string, log: Log) {
  const path = join(directory, `${name}.spent`);
  return {
    /** Marks the token as spent; called before it is sent. @throws OmnispindleError `storage_failed` */
    async set(refreshToken: string): Promise<void> {
      const mark = JSON.stringify({ fingerprint: fingerprint(refreshToken), at: Date.now() });
      await writePrivateFile(path, mark).catch((error: unknown) => {
        throw storageFailed(path, error);
      });
    },

    /** Takes the mark back: no renewed session was written that a store could lag behind. */
    async clear(): Promise<void> {
      await rm(path, { force: true });
    },

    /**
     * Whether the store that shows this token probably lags behind, so that a look a little later helps.
     * @throws OmnispindleError `storage_failed` where the mark is not proven the user's own
     */
    async isRecent(refreshToken: string): Promise<boolean> {
      try {
        const mark = markSchema.parse(JSON.parse(await readPrivateFile(path, maximumMark, log)));
        const age = Date.now() - mark.at;
        return mark.fingerprint === fingerprint(refreshToken) && age >= 0 && age < storeLag;
      } catch (error) {
        if (isOmnispindleError(error)) throw error;
        return false;
      }
    },
  };
}

function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}
