import { lstat, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf, isOmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { faultOf, unprovenDirectory } from './ownership.ts';
import { ensurePrivateDirectory, storageFailed } from './paths.ts';
import { retryOnWindows } from './retryOnWindows.ts';

/**
 * A holder that was killed stops touching its lock; after this long (ms) others may take it. proper-lockfile raises what
 * is below 2 s to that.
 */
const defaultStaleAfter = 5_000;
const touchEvery = 1_000;
/** How long (ms) a waiting process sleeps between two looks. */
export const lookEvery = 100;

/** Gives a lock back; a second time does nothing. */
export type Release = () => Promise<void>;

/**
 * Takes the lock `name`, shared by every process of the user that names the same directory.
 * @param staleAfter how long (ms, at least 2,000) after its holder has last touched it the lock counts as given up
 * @returns what gives it back, or undefined while somebody else holds it.
 * @throws OmnispindleError `storage_failed` where the directory cannot be written, or is not proven the user's own.
 */
export async function tryLock(
  directory: string,
  name: string,
  log: Log,
  staleAfter = defaultStaleAfter,
): Promise<Release | undefined> {
  await ensurePrivateDirectory(directory, log);
  const { default: lockfile } = await import('proper-lockfile');
  const path = join(directory, name);
  try {
    return await retryOnWindows(attempt);
  } catch (error) {
    throw isOmnispindleError(error) ? error : storageFailed(path, error);
  }

  async function attempt(): Promise<Release | undefined> {
    const release = await take(path, Infinity);
    if (release) return release;
    await refuseNoLock();
    const ahead = await untouchedAhead();
    if (ahead === undefined && (await lockfile.check(path, { realpath: false, stale: staleAfter }))) {
      return undefined;
    }
    // Of several that find a killed holder's lock, a slow one would remove the lock that a quick one has
    // just taken instead: so each looks and takes while nobody else may.
    const alone = await take(`${path}.takeover`, staleAfter);
    try {
      if (alone && ahead !== undefined && (await touchedAt()) === ahead) await utimes(`${path}.lock`, 0, 0);
      return alone && (await take(path, staleAfter));
    } finally {
      await alone?.();
    }
  }

  /** A link, or a file, in place of a lock would be waited for without end, or by somebody else's times. */
  async function refuseNoLock(): Promise<void> {
    const lock = `${path}.lock`;
    const found = await lstat(lock).catch(() => undefined);
    const fault = found && faultOf(found, 'directory');
    if (fault === 'link' || fault === 'kind') throw unprovenDirectory(lock, fault);
  }

  /** The time (ms since the epoch) of a lock that is yet to come, because the clock was set back, and stays. */
  async function untouchedAhead(): Promise<number | undefined> {
    const touched = await touchedAt();
    if (touched <= Date.now() + staleAfter) return undefined;
    await delay(staleAfter);
    return (await touchedAt()) === touched ? touched : undefined;
  }

  function touchedAt(): Promise<number> {
    return stat(`${path}.lock`).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  }

  async function take(file: string, stale: number): Promise<Release | undefined> {
    try {
      const release = await lockfile.lock(file, {
        realpath: false,
        stale,
        update: touchEvery,
        retries: 0,
        onCompromised: error => {
          log.warn(`The lock ${name} was taken over by another process: ${error.message}`);
        },
      });
      return () => release().catch(() => undefined);
    } catch (error) {
      if (codeOf(error) === 'ELOCKED') return undefined;
      throw error;
    }
  }
}

/**
 * Whether somebody seems to hold the lock `name`: one look, for those who would else take another lock first.
 * @param staleAfter as for {@link tryLock}
 */
export async function looksLocked(
  directory: string,
  name: string,
  staleAfter = defaultStaleAfter,
): Promise<boolean> {
  const lock = await lstat(join(directory, `${name}.lock`)).catch(() => undefined);
  return lock?.isDirectory() === true && Math.abs(Date.now() - lock.mtimeMs) < staleAfter;
}

/**
 * Runs `work` while holding the lock `name`, waiting for it as long as needed.
 * @throws OmnispindleError `storage_failed` as {@link tryLock}; an AbortError where `signal` is aborted; what `work` throws
 * @example
 * import { noLog } from '../common/log.ts';
 * import { withLock } from './lock.ts';
 * import { userDirectory } from './paths.ts';
 *
 * await withLock(userDirectory(), 'count', noLog, async () => 1, AbortSignal.timeout(5_000));
 */
export async function withLock<T>(
  directory: string,
  name: string,
  log: Log,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    const release = await tryLock(directory, name, log);
    if (release) {
      try {
        return await work();
      } finally {
        await release();
      }
    }
    await delay(lookEvery, undefined, { signal });
  }
}
