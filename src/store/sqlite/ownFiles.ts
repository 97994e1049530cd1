import { chmodSync, closeSync, lstatSync, openSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError } from '../../common/errors.ts';
import { noLog, type Log } from '../../common/log.ts';
import { faultOf, isOpenToOthers, unprovenFile } from '../../platform/ownership.ts';
import { ensurePrivateDirectorySync, provePrivateDirectory } from '../../platform/paths.ts';
import { StoreError } from '../storeError.ts';

/** What SQLite keeps beside a database, by the ends of its names (SQLite, "Temporary Files Used By SQLite"). */
const suffixes = ['', '-wal', '-shm', '-journal'];

/**
 * Proves that a database's directory, its file, and what SQLite keeps beside it are the user's own. None of
 * the files is changed, and none is opened: closing one again would drop the locks this process has on it.
 * @returns false where there is no database, or where nobody may look; opening it says why
 * @throws StoreError `unavailable` where one is not proven
 */
export function proveDatabase(path: string, log = noLog): boolean {
  try {
    return explained(() => provePrivateDirectory(dirname(path), log) && isThere(path));
  } catch (error) {
    if (error instanceof StoreError) throw error;
    return false;
  }
}

/**
 * Makes the file of a database where there is none, and its directory, for its owner alone; else it closes
 * them to others. SQLite gives what it makes beside the file the file's own mode.
 * @throws StoreError `unavailable` where one is not proven as {@link proveDatabase} does; else what the system says
 */
export function makeOrCloseDatabase(path: string, log: Log): void {
  explained(() => {
    ensurePrivateDirectorySync(dirname(path), log);
    if (isThere(path)) {
      for (const suffix of suffixes) close(path + suffix, log);
      return;
    }
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      // Another process was quicker.
      if (codeOf(error) !== 'EEXIST') throw error;
      isThere(path);
    }
  });
}

function isThere(path: string): boolean {
  const [file] = suffixes.map(suffix => proven(path + suffix));
  return file !== undefined;
}

function proven(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const fault = found && faultOf(found, 'file');
  if (fault) throw unprovenFile(path, fault);
  return found;
}

function close(path: string, log: Log): void {
  const found = proven(path);
  if (!found || !isOpenToOthers(found)) return;
  chmodSync(path, 0o600);
  log.warn(l10n.t('{0} could be read by other users; it is now only yours.', path));
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isOmnispindleError(error, 'storage_failed')) throw error;
    // What the system says, for example that the disk is full, is explained by whoever opens the database.
    throw error.cause ?? new StoreError('unavailable', error.message, { cause: error });
  }
}
