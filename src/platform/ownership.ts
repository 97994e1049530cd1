import type { Stats } from 'node:fs';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { inPlace } from '../common/place.ts';
import { shellWord } from '../common/shellWord.ts';

/** What is wrong with something at a path of ours, so that another user may have had a hand in it. */
export type Fault = 'link' | 'kind' | 'owner' | 'writable' | 'shared' | 'names';

type Kind = 'directory' | 'file' | 'socket';

/** The bit of a directory that is meant for several users, as `/tmp` is: to close it would harm them all. */
const sticky = 0o1000;

/**
 * Why what `lstat` or `fstat` found is not proven the user's own; undefined where it is. On Windows, where
 * modes and user ids mean nothing, only links and kinds are looked at.
 */
export function faultOf(found: Stats, kind: Kind): Fault | undefined {
  if (found.isSymbolicLink()) return 'link';
  if (!isA(found, kind)) return 'kind';
  if (process.getuid === undefined) return undefined;
  if (found.uid !== process.getuid()) return 'owner';
  // What a socket's own mode says differs between systems: its directory is what protects it.
  if (kind !== 'socket' && (found.mode & 0o022) !== 0) {
    return kind === 'directory' && found.mode & sticky ? 'shared' : 'writable';
  }
  return kind === 'file' && found.nlink > 1 ? 'names' : undefined;
}

/** Whether other users have any right to it. */
export function isOpenToOthers({ mode }: Stats): boolean {
  return process.getuid !== undefined && (mode & 0o077) !== 0;
}

function isA(found: Stats, kind: Kind): boolean {
  if (kind === 'directory') return found.isDirectory();
  return kind === 'file' ? found.isFile() : found.isSocket();
}

/** The error for a directory of ours that has that fault: it names the directory, and what helps. */
export function unprovenDirectory(path: string, fault: Fault): OmnispindleError {
  return new OmnispindleError('storage_failed', directoryWords(path, fault));
}

/** The error for a file of ours that has that fault: it names the file, and what helps. */
export function unprovenFile(path: string, fault: Fault): OmnispindleError {
  return new OmnispindleError('storage_failed', fileWords(path, fault));
}

function directoryWords(path: string, fault: Fault): string {
  const quoted = shellWord(path);
  switch (fault) {
    case 'link':
      return inPlace({
        editor: l10n.t(
          '{0} is a link, and Omnispindle uses only directories that no link stands for. Remove the link (rm {1}), then try again.',
          path,
          quoted,
        ),
        terminal: l10n.t(
          '{0} is a link, and Omnispindle uses only directories that no link stands for. Remove the link (rm {1}), or name another directory with OMNISPINDLE_DATA_DIR; then try again.',
          path,
          quoted,
        ),
      });
    case 'owner':
      return inPlace({
        editor: l10n.t(
          '{0} belongs to another user of this machine, so Omnispindle does not use it. Look into it; if it should be yours, take it (sudo chown -R "$(id -u)" {1}), then try again.',
          path,
          quoted,
        ),
        terminal: l10n.t(
          '{0} belongs to another user of this machine, so Omnispindle does not use it. Look into it; if it should be yours, take it (sudo chown -R "$(id -u)" {1}). Else name another directory with OMNISPINDLE_DATA_DIR; then try again.',
          path,
          quoted,
        ),
      });
    case 'shared':
      return inPlace({
        editor: l10n.t(
          '{0} is a directory for all users of this machine, so Omnispindle does not use it. Have the editor keep its data in a directory of your own, then try again.',
          path,
        ),
        terminal: l10n.t(
          '{0} is a directory for all users of this machine, so Omnispindle does not use it. Name one of your own with OMNISPINDLE_DATA_DIR, a new one in your home directory for example; then try again.',
          path,
        ),
      });
    case 'writable':
      return inPlace({
        editor: l10n.t(
          'Other users of this machine can write into {0}, so Omnispindle does not use it. Look into it (ls -la {1}); if all in it is yours, close it (chmod 700 {1}), then try again.',
          path,
          quoted,
        ),
        terminal: l10n.t(
          'Other users of this machine can write into {0}, so Omnispindle does not use it. Look into it (ls -la {1}); if all in it is yours, close it (chmod 700 {1}). Else name another directory with OMNISPINDLE_DATA_DIR; then try again.',
          path,
          quoted,
        ),
      });
    default:
      return inPlace({
        editor: l10n.t('{0} is not a directory. Move it away, then try again.', path),
        terminal: l10n.t(
          '{0} is not a directory. Move it away, or name another directory with OMNISPINDLE_DATA_DIR; then try again.',
          path,
        ),
      });
  }
}

function fileWords(path: string, fault: Fault): string {
  const quoted = shellWord(path);
  switch (fault) {
    case 'link':
      return l10n.t(
        '{0} is a link, and Omnispindle follows none among its own files. Remove it (rm {1}), then try again.',
        path,
        quoted,
      );
    case 'owner':
      return l10n.t(
        '{0} belongs to another user of this machine, so Omnispindle does not use it. If it should be yours, take it (sudo chown "$(id -u)" {1}), else remove it; then try again.',
        path,
        quoted,
      );
    case 'writable':
      return l10n.t(
        'Other users of this machine can write into {0}, so Omnispindle does not use it. If it is as you left it, close it (chmod 600 {1}), else remove it; then try again.',
        path,
        quoted,
      );
    case 'names':
      return l10n.t(
        '{0} has a second name, a hard link, by which it can be changed from elsewhere, so Omnispindle does not use it. Give it a file of its own (cp -p {1} {2} && mv {2} {1}), then try again.',
        path,
        quoted,
        shellWord(`${path}.new`),
      );
    default:
      return l10n.t('{0} is not a regular file. Remove it (rm {1}), then try again.', path, quoted);
  }
}
