import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { codeOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory, storageFailed } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';

/** Bytes of the key, and of the file that has it in hexadecimal. */
const keyBytes = 32;
const largestFile = 1_024;

/**
 * The key by which the log of a server with the data of that directory calls accounts, the same after each start. It is
 * made once, in a file that nobody else can read.
 * @throws OmnispindleError `storage_failed` where it cannot be kept
 */
export async function directoryLogKey(directory: string, log: Log): Promise<Buffer> {
  await ensurePrivateDirectory(directory, log);
  const path = join(directory, 'log-key');
  const known = await read(path, log);
  if (known) return known;
  try {
    await writePrivateFile(path, `${randomBytes(keyBytes).toString('hex')}\n`);
  } catch (error) {
    throw storageFailed(path, error);
  }
  // Another start may have been quicker.
  return (await read(path, log)) ?? randomBytes(keyBytes);
}

async function read(path: string, log: Log): Promise<Buffer | undefined> {
  try {
    const key = Buffer.from((await readPrivateFile(path, largestFile, log)).trim(), 'hex');
    return key.length === keyBytes ? key : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
