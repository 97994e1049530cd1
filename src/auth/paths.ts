import { chmod, mkdir, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import envPaths from 'env-paths';
import * as l10n from '@vscode/l10n';
import { AuthError } from './errors.ts';
import type { Log } from './log.ts';

/**
 * The user's own directory for sessions and locks; `OMNISPINDLE_DATA_DIR` names another one.
 * Shared by every process of the user.
 */
export function userDirectory(env: NodeJS.ProcessEnv = process.env): string {
  // A client's configuration goes through no shell that would know the home directory.
  const named = env['OMNISPINDLE_DATA_DIR']?.replace(/^~(?=[/\\]|$)/, homedir());
  if (named) return named;
  const { data } = envPaths('omnispindle', { suffix: '' });
  // With an empty HOME it would be wherever the process is, in a project say.
  return isAbsolute(data) ? data : join(userInfo().homedir, data);
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
