import { readdirSync, readFileSync, statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { homeDirectory } from '../../platform/settingPath.ts';
import { workingDirectory } from '../workingDirectory.ts';

/** The machine a client runs on, as far as it decides where the client keeps its configuration. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** The directory of the project that somebody stands in. */
  readonly project: string;
  /** The names in a directory; none where there is no such directory. */
  list(directory: string): readonly string[];
  /** What a small file holds; undefined where there is no such file. */
  read(path: string): string | undefined;
}

/** Bytes that a file of settings which leads to another place may have. */
const sizeLimit = 64 * 1024;

/** The machine we run on. */
export function thisSystem(): System {
  return {
    platform: process.platform,
    // Not every client's configuration is there.
    get home() {
      return homeDirectory();
    },
    env: process.env,
    get project() {
      return projectDirectory();
    },
    list,
    read,
  };
}

/** @throws OmnispindleError `invalid_settings` where it has been removed */
function projectDirectory(): string {
  const directory = workingDirectory();
  if (directory !== undefined) return directory;
  const text = l10n.t(
    'The working directory has been removed. Go to the directory of the project, then run this again.',
  );
  throw new OmnispindleError('invalid_settings', text);
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function read(path: string): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= sizeLimit ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/** A path below another one, as that system writes it. */
export function within({ platform }: Pick<System, 'platform'>, ...parts: string[]): string {
  return pathsOf(platform).join(...parts);
}

/** Whether a path is the same wherever somebody stands. */
export function isAbsoluteOn({ platform }: Pick<System, 'platform'>, path: string): boolean {
  return pathsOf(platform).isAbsolute(path);
}

/** The directory that a path is in, as that system writes it. */
export function directoryOf({ platform }: Pick<System, 'platform'>, path: string): string {
  return pathsOf(platform).dirname(path);
}

function pathsOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** Where desktop applications keep their settings. */
export function applicationData(system: System, ...parts: string[]): string {
  if (system.platform === 'darwin') {
    return within(system, system.home, 'Library', 'Application Support', ...parts);
  }
  return system.platform === 'win32' ? roaming(system, ...parts) : xdgConfig(system, ...parts);
}

/** Where applications keep their settings on Windows. */
export function roaming(system: System, ...parts: string[]): string {
  const directory = system.env['APPDATA'] || within(system, system.home, 'AppData', 'Roaming');
  return within(system, directory, ...parts);
}

/** Where applications keep their settings by the XDG Base Directory Specification. */
export function xdgConfig(system: System, ...parts: string[]): string {
  return within(system, system.env['XDG_CONFIG_HOME'] || within(system, system.home, '.config'), ...parts);
}
