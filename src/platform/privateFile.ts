import { constants } from 'node:fs';
import { lstat, open, unlink, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { faultOf, isOpenToOthers, unprovenFile } from './ownership.ts';
import { retryOnWindows } from './retryOnWindows.ts';

// Windows has no flags for it, and needs a right of its own to make a link.
const withoutLinks = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of ours, which must be there, and proves it the user's own: no link, a regular file without a
 * second name, not to be changed by others. To open anything else does not block and changes nothing. One
 * that others could read is tightened, with a warning.
 * @param access `O_RDONLY` or `O_RDWR`
 * @throws OmnispindleError `storage_failed` where it is not proven; else what the system throws, `ENOENT` for example
 */
export async function openPrivateFile(path: string, access: number, log: Log): Promise<FileHandle> {
  const file = await open(path, access | withoutLinks).catch((error: unknown) => {
    throw isLink(error) ? unprovenFile(path, 'link') : error;
  });
  try {
    const found = await file.stat();
    const fault = faultOf(found, 'file');
    // A directory says so itself when it is read.
    if (fault && !found.isDirectory()) throw unprovenFile(path, fault);
    if (isOpenToOthers(found) && !found.isDirectory()) {
      await file.chmod(0o600);
      log.warn(l10n.t('{0} could be read by other users; it is now only yours.', path));
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Reads a text file of ours, proven as {@link openPrivateFile} does.
 * @param maximum how large (bytes) it may be
 * @throws OmnispindleError `storage_failed` where it is not proven, or too large; else what the system throws, `ENOENT` for example
 */
export async function readPrivateFile(path: string, maximum: number, log: Log): Promise<string> {
  const file = await openPrivateFile(path, constants.O_RDONLY, log);
  try {
    if ((await file.stat()).size > maximum) throw tooLarge(path, maximum);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/**
 * Writes a file that only its owner can read (0600); whoever reads it meanwhile finds all of the old or of
 * the new. Its directory must be proven: others could foresee the name that it has until it is complete.
 * @throws what the system throws, `ENOSPC` for example
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await retryOnWindows(async () => {
    // It would write through a link.
    const found = await lstat(path).catch(() => undefined);
    if (found?.isSymbolicLink()) await unlink(path);
    await writeFileAtomic(path, text, { mode: 0o600 });
  });
}

function isLink(error: unknown): boolean {
  const code = codeOf(error);
  // POSIX, and FreeBSD.
  return code === 'ELOOP' || code === 'EMLINK';
}

function tooLarge(path: string, maximum: number): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} is larger than {1} bytes, as no file of Omnispindle’s is. Move it away, then try again.',
      path,
      String(maximum),
    ),
  );
}
