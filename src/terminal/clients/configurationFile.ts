import { isUtf8 } from 'node:buffer';
import { constants, type Stats } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../../common/errors.ts';

/** Bytes a configuration may have; Claude Code's own, which also keeps its history, has some megabytes. */
const sizeLimit = 16 * 1024 * 1024;

/** A client's configuration as it was found. */
export interface ConfigurationFile {
  /** Where it is, past any link. */
  readonly target: string;
  readonly text: string;
  readonly stats: Stats;
}

/**
 * Reads a client's configuration; undefined where there is none.
 * @throws OmnispindleError where it cannot be read, is not text, or is nothing we should touch (see {@link openConfiguration})
 */
export async function readConfiguration(path: string): Promise<string | undefined> {
  return (await openConfiguration(path))?.text;
}

/**
 * Reads a client's configuration with what is known of its file; undefined where there is none. Never waits:
 * a FIFO or a device is not opened.
 * @throws OmnispindleError where it is not a regular file of the present user, leads nowhere, is larger than 16 MiB, or is
 *   not UTF-8 text
 */
export async function openConfiguration(path: string): Promise<ConfigurationFile | undefined> {
  const target = await targetOf(path);
  if (target === undefined) return undefined;
  try {
    refuseKind(path, await lstat(target));
    // Between the two looks it may have become a FIFO, whose opening would wait, or a link.
    const file = await open(
      target,
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0),
    );
    try {
      const stats = await file.stat();
      refuseKind(path, stats);
      const chunks: Buffer[] = [];
      for await (const chunk of file.createReadStream({ end: sizeLimit, autoClose: false })) {
        chunks.push(chunk as Buffer);
      }
      return { target, text: decode(path, Buffer.concat(chunks)), stats };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof OmnispindleError) throw error;
    // Somebody has just removed it.
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadableFile(path, error);
  }
}

/** Where the file is, past any link; undefined where there is nothing at all. */
async function targetOf(path: string): Promise<string | undefined> {
  try {
    await lstat(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw codeOf(error) === 'ELOOP' ? leadsNowhere(path) : unreadableFile(path, error);
  }
  try {
    return await realpath(path);
  } catch (error) {
    throw ['ENOENT', 'ELOOP'].includes(codeOf(error)) ? leadsNowhere(path) : unreadableFile(path, error);
  }
}

function refuseKind(path: string, stats: Stats): void {
  if (!stats.isFile()) {
    const text = l10n.t(
      '{0} is {1}, not a file; nothing was changed. Move it away, then run this again.',
      path,
      kindOf(stats),
    );
    throw new OmnispindleError('invalid_settings', text);
  }
  const uid = process.getuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    const text = l10n.t(
      '{0} belongs to another user of this machine; nothing was changed. Run this as that user, or move the file away.',
      path,
    );
    throw new OmnispindleError('invalid_settings', text);
  }
  if (stats.size > sizeLimit) throw tooLarge(path);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return l10n.t('a directory');
  if (stats.isFIFO()) return l10n.t('a pipe (FIFO)');
  if (stats.isSocket()) return l10n.t('a socket');
  return stats.isSymbolicLink() ? l10n.t('a link') : l10n.t('a device');
}

function decode(path: string, bytes: Buffer): string {
  if (bytes.length > sizeLimit) throw tooLarge(path);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new OmnispindleError(
    'invalid_settings',
    l10n.t('{0} is not UTF-8 text; nothing was changed. Save it as UTF-8, then run this again.', path),
  );
}

function tooLarge(path: string): OmnispindleError {
  const text = l10n.t(
    '{0} is larger than {1} MiB; nothing was changed. Make it smaller, or put in it by hand what --print --npx shows.',
    path,
    String(sizeLimit / 1024 / 1024),
  );
  return new OmnispindleError('invalid_settings', text);
}

function leadsNowhere(path: string): OmnispindleError {
  const text = l10n.t(
    '{0} is a link that leads nowhere; nothing was changed. Correct or remove it, then run this again.',
    path,
  );
  return new OmnispindleError('invalid_settings', text);
}

function unreadableFile(path: string, error: unknown): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t('{0} could not be read ({1}). Correct its permissions, then run this again.', path, codeOf(error)),
    { cause: error },
  );
}
