import { randomUUID } from 'node:crypto';
import { link, lstat, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError, OmnispindleError } from '../../common/errors.ts';

/** A file system without a second name for a file says one of these. */
const withoutLinks = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EACCES'];

/**
 * Writes a file that only its owner can read (0600), under its name only once it is whole: whoever stops it leaves nothing.
 * @param options.force whether it may take the place of a file that is there
 * @throws OmnispindleError `invalid_settings` where there is one, or what is no file; `storage_failed` where it cannot be written
 */
export async function writeExportFile(
  path: string,
  chunks: AsyncIterable<string>,
  { force = false }: { readonly force?: boolean | undefined } = {},
): Promise<void> {
  const target = resolve(path);
  const found = await lstat(target).catch(() => undefined);
  if (found?.isDirectory()) throw notWritten(path, 'EISDIR');
  // Nothing of these is ever replaced: not /dev/null, nor what a link like /dev/stdout leads to.
  const meant = found?.isSymbolicLink() ? await stat(target).catch(() => undefined) : found;
  if (meant && !meant.isFile() && !meant.isDirectory()) throw noFile(path);
  if (found && !force) throw isThere(path);
  const part = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await (force ? rename(part, target) : nameOnce(part, target));
  } catch (error) {
    await unlink(part).catch(() => undefined);
    if (codeOf(error) === 'EEXIST') throw isThere(path);
    const isOfSystem = error instanceof Error && 'syscall' in error && !isOmnispindleError(error);
    throw isOfSystem ? notWritten(path, codeOf(error), error) : error;
  }
}

/** Gives a file its name, where nothing has it, whatever happens meanwhile. */
async function nameOnce(part: string, target: string): Promise<void> {
  try {
    await link(part, target);
  } catch (error) {
    if (!withoutLinks.includes(codeOf(error))) throw error;
    await rename(part, target);
    return;
  }
  await unlink(part);
}

function isThere(path: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t('{0} is there already, and was left as it is. Name another file, or add --force.', path),
  );
}

function noFile(path: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      '{0} is a device or a pipe, and was left as it is. To write there, name no file, and redirect the output.',
      path,
    ),
  );
}

function notWritten(path: string, why: string, cause?: unknown): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t('{0} could not be written ({1}). Name a file that you may write, where there is room.', path, why),
    { cause },
  );
}
