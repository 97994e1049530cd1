import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { codeOf, isOmnispindleError, OmnispindleError } from '../common/errors.ts';
import { withLock } from '../platform/lock.ts';
import type { Log } from '../common/log.ts';
import { provePrivateDirectory } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';

/** A settings file that the person has looked at and trusts, as it was then. */
export interface TrustedFile {
  /** Absolute, and without links. */
  readonly path: string;
  /** SHA-256 of what was in it, in hexadecimal. */
  readonly sha256: string;
}

const listSchema = z.object({
  version: z.literal(1),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })).check(z.maxLength(10_000)),
});
const fileName = 'trusted.json';
/** Largest list (bytes) that is read. */
const largest = 4 * 1024 * 1024;

/**
 * The settings files that this user trusts.
 * @param directory the user's own
 * @throws OmnispindleError `storage_failed` where the list is there and cannot be read, or is not the user's own
 */
export async function trustedFiles(directory: string, log: Log): Promise<readonly TrustedFile[]> {
  if (!provePrivateDirectory(directory, log)) return [];
  const path = join(directory, fileName);
  try {
    return listSchema.parse(JSON.parse(await readPrivateFile(path, largest, log))).files;
  } catch (error) {
    if (isOmnispindleError(error)) throw error;
    if (codeOf(error) === 'ENOENT') return [];
    throw new OmnispindleError(
      'storage_failed',
      l10n.t(
        'The list of trusted files {0} cannot be understood, so nothing in it counts. Update Omnispindle, or delete the list and trust your files again.',
        path,
      ),
    );
  }
}

/**
 * Changes the list of trusted files, whoever else changes it at the same time.
 * @param directory the user's own; made where it is missing
 * @throws OmnispindleError `storage_failed`
 */
export function changeTrustedFiles(
  directory: string,
  log: Log,
  change: (files: readonly TrustedFile[]) => readonly TrustedFile[],
): Promise<void> {
  return withLock(directory, 'trusted', log, async () => {
    const files = change(await trustedFiles(directory, log));
    await writePrivateFile(join(directory, fileName), JSON.stringify({ version: 1, files }));
  });
}
