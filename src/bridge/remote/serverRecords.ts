import { join } from 'node:path';
import type { Log } from '../../common/log.ts';
import { ensurePrivateDirectory, provePrivateDirectory } from '../../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../../platform/privateFile.ts';

/** A file of records about servers, and how it is read. */
export interface ServerRecordsOptions<Entry> {
  readonly fileName: string;
  /** Largest file (bytes) that is read. */
  readonly largestFile: number;
  /** A directory of the user's own. @throws where there is none */
  directory(): string;
  /** What of its text is a record. @throws where it cannot be read */
  parse(text: string): Map<string, Entry>;
  readonly log: Log;
}

/** Records of all processes of the user, by their keys. */
export interface ServerRecords<Entry> {
  /** @throws Error where there is no file, or none that can be read or believed */
  read(): Promise<Map<string, Entry>>;
  /** Keeps a record in place of that key's; undefined removes that. @throws Error where it cannot be written */
  put(key: string, entry: Entry | undefined): Promise<void>;
}

/** Most records that are kept; those that changed last. */
const mostEntries = 200;

/** Keeps records of servers in one file, which only the user can read. */
export function createServerRecords<Entry>({
  fileName,
  largestFile,
  directory,
  parse,
  log,
}: ServerRecordsOptions<Entry>): ServerRecords<Entry> {
  async function read(): Promise<Map<string, Entry>> {
    const within = directory();
    if (!provePrivateDirectory(within, log)) return new Map();
    return parse(await readPrivateFile(join(within, fileName), largestFile, log));
  }

  return {
    read,
    async put(key, entry) {
      const kept = await read().catch(() => new Map<string, Entry>());
      kept.delete(key);
      if (entry !== undefined) kept.set(key, entry);
      await ensurePrivateDirectory(directory(), log);
      const text = JSON.stringify(Object.fromEntries([...kept].slice(-mostEntries)));
      await writePrivateFile(join(directory(), fileName), text);
    },
  };
}
