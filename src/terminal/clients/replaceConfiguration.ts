import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../../common/errors.ts';
import { retryOnWindows } from '../../platform/retryOnWindows.ts';
import { openConfiguration, type ConfigurationFile } from './configurationFile.ts';

/** How often a change is made again where the client has written meanwhile. */
const tries = 10;

/** What became of a configuration. */
export interface Replaced {
  readonly changed: boolean;
  /** The file as it was, where there was one. */
  readonly backup?: string;
}

/**
 * Changes a client's configuration in one step, so that whoever reads it finds all of the old or of the new. An
 * edit that the client makes meanwhile is kept: the change is then made again, on what is there now. Mode and
 * owner stay; the backup is its owner's alone, because a configuration may hold secrets. A link stays a link.
 * @param change makes the new text of the old one, which is empty where there is no file; the same text where
 *   nothing is to be done
 * @throws OmnispindleError `storage_failed` where it cannot be written or is written again and again; what `change` throws
 */
export async function replaceConfiguration(
  path: string,
  change: (text: string) => string,
): Promise<Replaced> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const found = await openConfiguration(path);
    const text = found?.text ?? '';
    const changed = change(text);
    if (changed === text) return { changed: false };
    const backup = found && `${path}.backup-${new Date().toISOString().replaceAll(/\D/g, '')}`;
    if (await replace(path, found, changed, backup)) return { changed: true, ...(backup && { backup }) };
  }
  const message = l10n.t(
    '{0} is being written by another program again and again; nothing was changed. Close that program, then run this again.',
    path,
  );
  throw new OmnispindleError('storage_failed', message);
}

/** @returns false, with nothing done, where the file is not as it was found any more */
async function replace(
  path: string,
  found: ConfigurationFile | undefined,
  text: string,
  backup: string | undefined,
): Promise<boolean> {
  const target = found?.target ?? path;
  const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`);
  let unused = [fresh];
  try {
    if (found) await refuseReadOnly(found);
    else await mkdir(dirname(target), { recursive: true });
    await write(fresh, text, found);
    if (found && backup) {
      await writeFile(backup, found.text, { flag: 'wx', mode: 0o600, flush: true });
      unused.push(backup);
    }
    const now = await openConfiguration(path);
    if (now?.target !== found?.target || now?.text !== found?.text) return false;
    await retryOnWindows(() => rename(fresh, target));
    unused = [];
    return true;
  } catch (error) {
    throw error instanceof OmnispindleError ? error : unwritable(path, error);
  } finally {
    for (const name of unused) await rm(name, { force: true }).catch(() => undefined);
  }
}

/** Root may write everything, but what its owner has made read-only is not ours to change. */
async function refuseReadOnly({ target, stats }: ConfigurationFile): Promise<void> {
  if (!(stats.mode & 0o200)) throw Object.assign(new Error('It is read-only.'), { code: 'EACCES' });
  await access(target, constants.W_OK);
}

async function write(path: string, text: string, found: ConfigurationFile | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (found && process.platform !== 'win32') {
      const { uid, gid, mode } = found.stats;
      const written = await file.stat();
      if (written.uid !== uid || written.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function unwritable(path: string, error: unknown): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} could not be written ({1}); nothing was changed. Correct its permissions, or put in it by hand what --print shows.',
      path,
      codeOf(error),
    ),
    { cause: error },
  );
}
