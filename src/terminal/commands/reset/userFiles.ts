import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../../common/log.ts';
import { provePrivateDirectory } from '../../../platform/paths.ts';
import { retryOnWindows } from '../../../platform/retryOnWindows.ts';
import { codeOf } from '../../../common/errors.ts';

/** What an atomic write that was killed has left beside a file. */
const unfinished = String.raw`(?:\.\d+)?`;
const exactly = (...patterns: string[]) => new RegExp(`^(?:${patterns.join('|')})$`);

/** Every name that a version of ours has ever given in the user's directory; only directories named here are emptied. */
const names = {
  sessions: exactly('sessions'),
  servers: exactly('servers'),
  install: exactly('install'),
  cache: exactly('compile-cache'),
  files: exactly(
    String.raw`omnispindle\.db(?:-wal|-shm|-journal)?`,
    String.raw`(?:trusted|labels)\.json${unfinished}`,
    `sealed-once${unfinished}`,
    String.raw`(?:renew|sign-in)-[0-9a-f]{32}\.(?:json|spent)${unfinished}`,
  ),
  locks: exactly(
    String.raw`(?:renew-[0-9a-f]{32}|sign-in-[0-9a-f]{32}(?:\.begin)?|keychain|trusted|labels|install)(?:\.takeover)?\.lock`,
  ),
};
/** What is in those of them that are only emptied of what is ours. */
const within: ReadonlyMap<string, RegExp> = new Map([
  // Whatever begins with an account's key, and what tries the disk.
  ['sessions', exactly(String.raw`[0-9a-f]{32}\..*`, 'probe')],
  ['servers', exactly(String.raw`(?:eras|consent|lists-[\w-]{43})\.json${unfinished}`)],
]);

/** What is still in a directory after ours was removed. */
export interface RemovedFiles {
  readonly left: readonly string[];
  /** What of ours is still there, and the system's code for why. */
  readonly failures: readonly { readonly path: string; readonly code: string }[];
}

/**
 * Whether there is anything of ours in the user's directory, but for the cache, which every start makes.
 * @throws OmnispindleError `storage_failed` where the directory is not proven the user's own
 */
export async function hasUserFiles(directory: string, log: Log): Promise<boolean> {
  if (!provePrivateDirectory(directory, log)) return false;
  const { cache, ...others } = names;
  const patterns = Object.values(others);
  return (await readdir(directory)).some(name => patterns.some(pattern => pattern.test(name)));
}

/**
 * Removes what we have written in the user's directory, and the directory where nothing else is in it: a
 * variable may have named one that other programs use too. No link is followed.
 * @throws OmnispindleError `storage_failed` where the directory is not proven the user's own
 */
export async function removeUserFiles(directory: string, log: Log): Promise<RemovedFiles> {
  const failures: { path: string; code: string }[] = [];
  if (!provePrivateDirectory(directory, log)) return { left: [], failures };

  async function remove(path: string): Promise<void> {
    // Where it is a link, that is what goes, not what it leads to.
    await retryOnWindows(() => rm(path, { recursive: true, force: true })).catch((error: unknown) => {
      failures.push({ path, code: codeOf(error) });
    });
  }

  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const inside = within.get(name);
    if (inside && (await isDirectory(path))) {
      for (const file of await readdir(path)) if (inside.test(file)) await remove(join(path, file));
      await removeEmpty(path);
    } else if (Object.values(names).some(pattern => pattern.test(name))) {
      await remove(path);
    }
  }
  const left = await readdir(directory);
  if (left.length === 0) await removeEmpty(directory);
  return { left: left.map(name => join(directory, name)), failures };
}

async function isDirectory(path: string): Promise<boolean> {
  return (await lstat(path)).isDirectory();
}

async function removeEmpty(directory: string): Promise<void> {
  // Where it is not empty, what is in it is said.
  await rmdir(directory).catch(() => undefined);
}
