import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
} from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError, OmnispindleError } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { inPlace } from '../common/place.ts';
import { faultOf, isOpenToOthers, unprovenDirectory } from './ownership.ts';
import { outsideOfSandbox } from './sandbox.ts';
import { exampleHome, homeIfAny, homeVariable, settingPath } from './settingPath.ts';
import { giveToOwner, giveToOwnerSync } from './windowsAccess.ts';

/**
 * The user's own directory for sessions and locks; `OMNISPINDLE_DATA_DIR` names another one.
 * Shared by every process of the user.
 * @throws OmnispindleError `invalid_settings` where the variable names none, or the user has no home directory
 */
export function userDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return settingPath('OMNISPINDLE_DATA_DIR', env['OMNISPINDLE_DATA_DIR'], 'omnispindle') ?? ownDirectory(env);
}

/** Where the platform has a program keep what it must not lose. A base that is not absolute is ignored (XDG Base Directory Specification). */
function ownDirectory(env: NodeJS.ProcessEnv): string {
  const home = () => {
    const found = homeIfAny(env);
    if (found !== undefined) return found;
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'This user has no home directory. Set {0}, or name a directory with OMNISPINDLE_DATA_DIR, like "{1}".',
        homeVariable,
        join(exampleHome, 'omnispindle'),
      ),
    );
  };
  const base = (named: string | undefined, ...usual: string[]) =>
    named && isAbsolute(named) ? named : join(home(), ...usual);
  switch (process.platform) {
    case 'win32':
      return join(base(env['LOCALAPPDATA'], 'AppData', 'Local'), 'omnispindle', 'Data');
    case 'darwin':
      return join(home(), 'Library', 'Application Support', 'omnispindle');
    default:
      return join(base(dataHome(env), '.local', 'share'), 'omnispindle');
  }
}

/** `XDG_DATA_HOME`, as the person's terminal has it. */
function dataHome(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['XDG_DATA_HOME'];
  const outside = named ? outsideOfSandbox(env) : undefined;
  return named && outside?.holds(named) ? outside.dataHome : named;
}

/** Where sessions are kept outside any editor. */
export function sessionsDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(userDirectory(env), 'sessions');
}

/** Where Node.js keeps our code as it has compiled it. */
export function compileCacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return join(userDirectory(env), 'compile-cache');
}

/**
 * Makes a directory that only its owner can enter, or proves that one which is there is that: no link, the
 * user's own, closed to others. One that others could only read is tightened, with a warning. Only its last
 * component is looked at: homes, and macOS's `/tmp`, may be behind links.
 * On Windows, where modes mean nothing, what is made here gets an access list of the user's own.
 * @throws OmnispindleError `storage_failed` where the directory cannot be had, or is not proven the user's own
 */
export async function ensurePrivateDirectory(directory: string, log: Log): Promise<void> {
  const made = makeOrProve(resolve(directory), log);
  if (made === undefined || process.platform !== 'win32') return;
  await giveToOwner(made).catch((error: unknown) => {
    log.warn(notRestricted(made, error));
  });
}

/** As {@link ensurePrivateDirectory}, for those who cannot wait. @throws OmnispindleError `storage_failed` */
export function ensurePrivateDirectorySync(directory: string, log: Log): void {
  const made = makeOrProve(resolve(directory), log);
  if (made === undefined || process.platform !== 'win32') return;
  try {
    giveToOwnerSync(made);
  } catch (error) {
    log.warn(notRestricted(made, error));
  }
}

/**
 * Proves a directory as {@link ensurePrivateDirectory} does, and makes none: for those who only look.
 * @returns false where there is none
 * @throws OmnispindleError `storage_failed` where it is not proven the user's own; what the system says where it cannot be looked at
 */
export function provePrivateDirectory(directory: string, log: Log): boolean {
  // A slash behind a link's name would stand for what the link points to.
  const path = resolve(directory);
  try {
    const found = lstatSync(path);
    const fault = faultOf(found, 'directory');
    if (fault) throw unprovenDirectory(path, fault);
    if (isOpenToOthers(found)) tighten(path, found, log);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/**
 * @returns the topmost directory that was made, where any was
 * @throws OmnispindleError `storage_failed`
 */
function makeOrProve(path: string, log: Log): string | undefined {
  try {
    if (provePrivateDirectory(path, log)) return undefined;
    const made = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!provePrivateDirectory(path, log)) throw storageFailed(path, 'ENOENT');
    return made;
  } catch (error) {
    throw isOmnispindleError(error) ? error : storageFailed(path, error);
  }
}

function tighten(path: string, proven: Stats, log: Log): void {
  const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { dev, ino } = fstatSync(directory);
    if (dev !== proven.dev || ino !== proven.ino) throw unprovenDirectory(path, 'owner');
    fchmodSync(directory, 0o700);
  } finally {
    closeSync(directory);
  }
  log.warn(l10n.t('{0} could be read by other users; it is now only yours.', path));
}

function notRestricted(directory: string, error: unknown): string {
  return l10n.t(
    '{0} could not be made only yours; see that others cannot read it. ({1})',
    directory,
    String(error),
  );
}

/** Wraps a file system error in one that says what to do. */
export function storageFailed(path: string, cause: unknown): OmnispindleError {
  const code = codeOf(cause);
  return new OmnispindleError(
    'storage_failed',
    inPlace({
      editor: l10n.t(
        'Omnispindle could not write to {0} ({1}). Free some space or correct its permissions, then try again.',
        path,
        code,
      ),
      terminal: l10n.t(
        'Omnispindle could not write to {0} ({1}). Free some space or correct its permissions, or name another directory with OMNISPINDLE_DATA_DIR; then try again.',
        path,
        code,
      ),
    }),
    { cause },
  );
}
