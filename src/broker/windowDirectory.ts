import { rmSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { codeOf, messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { provePrivateDirectory } from '../platform/paths.ts';
import { readPrivateFile } from '../platform/privateFile.ts';
import type { BrokerDoor } from './door.ts';
import { lookAtSocket } from './socketOwner.ts';

const recordSchema = z.object({
  version: z.literal(1),
  /** The machine: a home directory may be on several. */
  host: z.string(),
  pid: z.int().check(z.positive()),
  /** Which editor, and which profile of it. */
  editor: z.string(),
  address: z.string().check(z.minLength(1), z.maxLength(4_096)),
  secret: z.string().check(z.minLength(1), z.maxLength(128)),
  /** When it last got the focus (ms since the epoch). */
  focusedAt: z.number(),
});

/** A window's record, as it is written. */
export type StoredWindow = z.infer<typeof recordSchema>;

/** A window of an editor that servers can ask, although it has not started them. */
export interface OpenWindow extends BrokerDoor {
  readonly focusedAt: number;
}

/** Largest record (bytes) that is read, and how many files of the directory are looked at. */
const largest = 16 * 1024;
const mostFiles = 1_000;

/**
 * The windows of that editor that are open, the one that last had the focus first. Records of windows that ended without
 * a word are removed; what is not proven the user's is neither believed nor touched.
 * @throws OmnispindleError `storage_failed` where the directory is not proven the user's own
 */
export async function openWindows(directory: string, editor: string, log: Log): Promise<OpenWindow[]> {
  if (!provePrivateDirectory(directory, log)) return [];
  const windows: OpenWindow[] = [];
  let looked = 0;
  for await (const { name } of await opendir(directory)) {
    if (!/^[\da-f]{24}\.json$/.test(name)) continue;
    if (++looked > mostFiles) break;
    const path = join(directory, name);
    const record = await read(path, log);
    if (record?.host !== hostname()) continue;
    if (!isAlive(record.pid)) rmSync(path, { force: true });
    else if (record.editor === editor && lookAtSocket(record.address) === 'user') windows.push(record);
  }
  return windows.toSorted((one, other) => other.focusedAt - one.focusedAt);
}

async function read(path: string, log: Log): Promise<StoredWindow | undefined> {
  try {
    return recordSchema.safeParse(JSON.parse(await readPrivateFile(path, largest, log))).data;
  } catch (error) {
    // Without what JSON.parse says, which quotes the file.
    if (!(error instanceof SyntaxError) && codeOf(error) !== 'ENOENT') log.warn(messageOf(error));
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // Also where the process is another user's, and so no window of this one's.
    return false;
  }
}
