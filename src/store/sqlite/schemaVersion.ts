import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { loadSqlite } from './sqlite.ts';

/** Where a database's first page has its `user_version` (SQLite, "Database File Format", 1.3). */
const versionOffset = 60;
const logHeader = 32;
const frameHeader = 24;
const logMagic = [0x377f0682, 0x377f0683];

/**
 * The version of a database's schema, without a trace of the look: nothing is made beside the file, no mode
 * and no lock is changed. 0 where there is no database, or where it is not readable; opening it says why.
 * @throws StoreError `unavailable` where this runtime has no SQLite
 */
export function schemaVersion(path: string): number {
  const { DatabaseSync } = loadSqlite();
  try {
    if (!existsSync(path)) return 0;
    const inLog = versionInLog(`${path}-wal`);
    if (inLog !== undefined) return inLog;
    const address = pathToFileURL(path);
    // Any other way of opening one that is in WAL mode makes files beside it. To read it without SQLite
    // would drop the locks that this process has on it.
    address.search = 'mode=ro&immutable=1';
    const connection = new DatabaseSync(address, { readOnly: true });
    try {
      return Number(connection.prepare('PRAGMA user_version').get()?.['user_version']);
    } finally {
      connection.close();
    }
  } catch {
    return 0;
  }
}

/**
 * The version in the write-ahead log, where a process that is at work, or has crashed, has changed it
 * (SQLite, "WAL-mode File Format"): the newest first page that was committed.
 */
function versionInLog(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, 'r');
  try {
    const header = read(file, 0, logHeader);
    if (!header || !logMagic.includes(header.readUInt32BE(0))) return undefined;
    const pageSize = header.readUInt32BE(8);
    let written: number | undefined;
    let committed: number | undefined;
    for (let at = logHeader; ; at += frameHeader + pageSize) {
      const frame = read(file, at, frameHeader + versionOffset + 4);
      // What follows is of an earlier use of the file.
      if (!frame || frame.compare(header, 16, 24, 8, 16) !== 0) return committed;
      if (frame.readUInt32BE(0) === 1) written = frame.readUInt32BE(frameHeader + versionOffset);
      if (frame.readUInt32BE(4) !== 0) committed = written ?? committed;
    }
  } finally {
    closeSync(file);
  }
}

function read(file: number, position: number, length: number): Buffer | undefined {
  const buffer = Buffer.alloc(length);
  return readSync(file, buffer, 0, length, position) === length ? buffer : undefined;
}
