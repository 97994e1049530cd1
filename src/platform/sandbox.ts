import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';

/**
 * What an editor from Snap or Flatpak has set for its own data, and what the person's terminal has in its place. Each of
 * them would otherwise have todos and sessions of its own.
 */
export interface Outside {
  /** Whether a path is in the sandbox. */
  holds(path: string): boolean;
  /** `XDG_DATA_HOME` as the terminal has it. */
  readonly dataHome: string | undefined;
  /** The person's home directory, by the system's list of users. */
  readonly home: string;
}

/** What there is outside of the sandbox that we run in; undefined where we run in none, or it reaches nothing else. */
export function outsideOfSandbox(env: NodeJS.ProcessEnv = process.env): Outside | undefined {
  if (process.platform !== 'linux') return undefined;
  return env['SNAP'] ? outsideOfSnap(env) : env['FLATPAK_ID'] ? outsideOfFlatpak(env) : undefined;
}

/** A snap's own directories (snapcraft.io/docs, "Environment variables"). The one of VS Code keeps what it replaces. */
function outsideOfSnap(env: NodeJS.ProcessEnv): Outside | undefined {
  const home = homeOfUser();
  if (home === undefined || isStrictSnap(read(join(env['SNAP'] ?? '', 'meta', 'snap.yaml')))) {
    return undefined;
  }
  const own = [
    env['SNAP_USER_DATA'],
    env['SNAP_USER_COMMON'],
    join(home, 'snap', env['SNAP_INSTANCE_NAME'] ?? env['SNAP_NAME'] ?? ''),
  ];
  return { holds: path => isInside(path, own), dataHome: env['XDG_DATA_HOME_VSCODE_SNAP_ORIG'], home };
}

/** An application's own directories (docs.flatpak.org, "Conventions"; flatpak-run, "HOST_XDG_DATA_HOME"). */
function outsideOfFlatpak(env: NodeJS.ProcessEnv): Outside | undefined {
  const home = homeOfUser();
  if (home === undefined || !isOpenFlatpak(read('/.flatpak-info'))) return undefined;
  const own = [join(home, '.var', 'app', env['FLATPAK_ID'] ?? '')];
  return { holds: path => isInside(path, own), dataHome: env['HOST_XDG_DATA_HOME'], home };
}

/** Whether a snap can write into its own directories alone, by its `snap.yaml`. */
export function isStrictSnap(description: string | undefined): boolean {
  return /^confinement:\s*["']?strict\b/m.test(description ?? '');
}

/** Whether a Flatpak application can write into the person's home directory, by its `.flatpak-info`. */
export function isOpenFlatpak(description: string | undefined): boolean {
  if (description === undefined) return true;
  const [, places = ''] = /^filesystems=(.*)$/m.exec(description) ?? [];
  return places.split(';').some(place => /^(?:host|home)(?::rw|:create)?$/.test(place));
}

function isInside(path: string, directories: readonly (string | undefined)[]): boolean {
  return directories.some(directory => {
    if (!directory || !isAbsolute(directory)) return false;
    const way = relative(directory, path);
    return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
  });
}

function homeOfUser(): string | undefined {
  try {
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : undefined;
  } catch {
    // A container's user has no entry among the users, for example.
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
