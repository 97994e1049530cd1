import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { storageFailed } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';

const markSchema = z.object({
  fingerprint: z.string(),
  at: z.number(),
  /** Those before it, the newest first; a session that serves many APIs spends many in a row. */
  earlier: z.optional(z.array(z.object({ fingerprint: z.string(), at: z.number() }))),
});
type Mark = z.infer<typeof markSchema>;
type Spent = Omit<Mark, 'earlier'>;

/** How long (ms) after a refresh token was spent another window's view of the store may still show it. */
const storeLag = 3_000;
/** Largest file (bytes) that is read as a mark. */
const maximumMark = 65_536;
/** How many refresh tokens are remembered. */
const mostSpent = 32;

/**
 * Remembers, on disk and for every process, which refresh tokens were spent last. An editor's SecretStorage
 * reaches its other windows some 100 ms after a write, so a window that comes second may find the old
 * refresh token in it although it holds the lock; spending that again would end the session.
 * Only hashes are kept.
 */
export function spentMark(directory: string, name: string, log: Log) {
  const path = join(directory, `${name}.spent`);
  return {
    /** Marks the token as spent; called before it is sent. @throws OmnispindleError `storage_failed` */
    async set(refreshToken: string): Promise<void> {
      // What is not ours in its place is replaced below: it must not keep the session from being renewed.
      const earlier = (await all().catch(() => [])).filter(isRecent).slice(0, mostSpent);
      await write({ fingerprint: fingerprint(refreshToken), at: Date.now(), earlier });
    },

    /** Takes the last mark back: no renewed session was written that a store could lag behind. */
    async clear(): Promise<void> {
      const [, last, ...earlier] = await all();
      await (last ? write({ ...last, earlier }) : rm(path, { force: true }));
    },

    /**
     * Whether the store that shows this token probably lags behind, so that a look a little later helps.
     * @throws OmnispindleError `storage_failed` where the mark is not proven the user's own
     */
    async isRecent(refreshToken: string): Promise<boolean> {
      const wanted = fingerprint(refreshToken);
      return (await all()).some(spent => spent.fingerprint === wanted && isRecent(spent));
    },
  };

  async function write(mark: Mark): Promise<void> {
    await writePrivateFile(path, JSON.stringify(mark)).catch((error: unknown) => {
      throw storageFailed(path, error);
    });
  }

  /** What was spent, the newest first. */
  async function all(): Promise<Spent[]> {
    try {
      const { earlier = [], ...last } = markSchema.parse(
        JSON.parse(await readPrivateFile(path, maximumMark, log)),
      );
      return [last, ...earlier];
    } catch (error) {
      if (isOmnispindleError(error)) throw error;
      return [];
    }
  }
}

/** Whether that is so short a time ago that a store may not show it yet. */
function isRecent({ at }: Spent): boolean {
  const age = Date.now() - at;
  return age >= 0 && age < storeLag;
}

function fingerprint(refreshToken: string): string {
  return createHash('sha256').update(refreshToken).digest('hex');
}
