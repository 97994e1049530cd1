import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory } from '../platform/paths.ts';
import { writePrivateFile } from '../platform/privateFile.ts';
import type { OpenWindow, StoredWindow } from './windowDirectory.ts';

/** What a window says of itself. */
export interface AnnouncedWindow extends OpenWindow {
  readonly editor: string;
}

/** A window's record in the directory of windows. */
export interface WindowRecord {
  /** Writes it, in place of what it said before. @throws OmnispindleError `storage_failed`; what the system throws */
  write(window: AnnouncedWindow): Promise<void>;
  /** Removes it for good; synchronously, because an editor that ends does not wait for more. */
  remove(): void;
}

/**
 * Prepares the record of this window: a file that only the user can read, in a directory that only they can enter, so
 * that whoever knows what is in it is proven to be theirs.
 */
export function createWindowRecord(directory: string, log: Log): WindowRecord {
  const path = join(directory, `${randomBytes(12).toString('hex')}.json`);
  let isGone = false;
  return {
    async write({ editor, address, secret, focusedAt }) {
      if (isGone) return;
      await ensurePrivateDirectory(directory, log);
      const record: StoredWindow = {
        version: 1,
        host: hostname(),
        pid: process.pid,
        editor,
        address,
        secret,
        focusedAt,
      };
      await writePrivateFile(path, JSON.stringify(record));
      if (isGone) rmSync(path, { force: true });
    },
    remove() {
      isGone = true;
      rmSync(path, { force: true });
    },
  };
}
