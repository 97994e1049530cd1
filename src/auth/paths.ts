import { chmod, mkdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { AuthError } from './errors.ts';
import type { Log } from './log.ts';
import { homeDirectory, settingPath } from './settingPath.ts';

/**
 * The user's own directory for sessions and locks; `OMNISPINDLE_DATA_DIR` names another one.
 * Shared by every process of the user.
 * @throws AuthError `invalid_settings` where the variable names none, or the user has no home directory
 */
export function userDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return settingPath('OMNISPINDLE_DATA_DIR', env['OMNISPINDLE_DATA_DIR'], 'omnispindle') ?? ownDirectory(env);
}

/** Where the platform has a program keep what it must not lose. A base that is not absolute is ignored (XDG Base Directory Specification). */
function ownDirectory(env: NodeJS.ProcessEnv): string {
  const base = (named: string | undefined, ...usual: string[]) =>
    named && isAbsolute(named) ? named : join(homeDirectory(), ...usual);
  switch (process.platform) {
    case 'win32':
      return join(base(env['LOCALAPPDATA'], 'AppData', 'Local'), 'omnispindle', 'Data');
    case 'darwin':
      return join(homeDirectory(), 'Library', 'Application Support', 'omnispindle');
    default:
      return join(base(env['XDG_DATA_HOME'], '.local', 'share'), 'omnispindle');
  }
}

/** Where sessions are kept outside any editor. */
export function sessionsDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(userDirectory(env), 'sessions');
}

/**
 * Makes a directory that only its owner can enter; a looser one is tightened, with a warning.
 * On Windows, where modes mean nothing, one that is made here gets an access list of the user's own.
 * @throws AuthError `storage_failed` where the directory cannot be had.
 */
export async function ensurePrivateDirectory(directory: string, log: Log): Promise<void> {
  try {
    const made = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (process.platform === 'win32') {
      if (made !== undefined) await restrictOnWindows(directory, log);
      return;
    }
    const { mode } = await stat(directory);
    if (mode & 0o077) {
      log.warn(l10n.t('{0} could be read by other users; it is now only yours.', directory));
      await chmod(directory, 0o700);
    }
  } catch (error) {
    throw storageFailed(directory, error);
  }
}

async function restrictOnWindows(directory: string, log: Log): Promise<void> {
  const { giveToOwner } = await import('./windowsAccess.ts');
  await giveToOwner(directory).catch((error: unknown) => {
    log.warn(
      l10n.t(
        '{0} could not be made only yours; see that others cannot read it. ({1})',
        directory,
        String(error),
      ),
    );
  });
}

/** Wraps a file system error in one that says what to do. */
export function storageFailed(path: string, cause: unknown): AuthError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new AuthError(
    'storage_failed',
    l10n.t(
      'Omnispindle could not write to {0} ({1}). Free some space or correct its permissions, or name another directory with OMNISPINDLE_DATA_DIR; then try again.',
      path,
      code,
    ),
    { cause },
  );
}
