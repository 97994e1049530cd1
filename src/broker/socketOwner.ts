import { lstatSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeOf } from '../common/errors.ts';
import { faultOf } from '../platform/ownership.ts';

/**
 * What is at a broker's address: `user` where socket and directory are proven the user's, `nothing` where
 * either is gone, else `foreign`: a key must not be told there. Nobody but the user can change either between
 * this look and a connection, because the host chose a place where no other user may rename what is in it.
 *
 * Windows cannot say whose a named pipe is without a process; its name, which nobody can guess, must do.
 */
export function lookAtSocket(address: string): 'user' | 'nothing' | 'foreign' {
  if (process.platform === 'win32') return 'user';
  try {
    const directory = lstatSync(resolve(dirname(address)));
    if (faultOf(directory, 'directory') || (directory.mode & 0o077) !== 0) return 'foreign';
    return faultOf(lstatSync(address), 'socket') ? 'foreign' : 'user';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'nothing' : 'foreign';
  }
}

/** Whether no other user can rename, or take away, what this one makes in that directory. */
export function keepsWhatIsMade(directory: string): boolean {
  try {
    const { uid, mode } = statSync(directory);
    const isTrusted = uid === 0 || uid === process.getuid?.();
    const isSticky = (mode & 0o1000) !== 0;
    return isTrusted && (isSticky || (mode & 0o022) === 0);
  } catch {
    return false;
  }
}
