import { execFile } from 'node:child_process';
import { constants, realpathSync } from 'node:fs';
import { chmod, copyFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../../common/errors.ts';
import type { Log } from '../../../common/log.ts';
import { ensurePrivateDirectory, storageFailed } from '../../../platform/paths.ts';
import { retryOnWindows } from '../../../platform/retryOnWindows.ts';
import { homeIfAny } from '../../../platform/settingPath.ts';
import { isBorrowed, lies } from './borrowed.ts';
import { isSupportedNode } from '../../supportedNode.ts';
import { copiedNode } from './places.ts';

/** How a name that survives upgrades is found for a Node.js that lies in a directory of its version. */
const lastingNames: readonly [installed: RegExp, name: string][] = [
  // Homebrew
  [/^(.+)\/Cellar\/([^/]+)\/[^/]+\/bin\/node$/, '$1/opt/$2/bin/node'],
  // nvm, with NVM_SYMLINK_CURRENT
  [/^(.+)\/versions\/node\/[^/]+\/bin\/node$/, '$1/current/bin/node'],
  // fnm
  [/^(.+)\/node-versions\/[^/]+\/installation\/bin\/node$/, '$1/aliases/default/bin/node'],
  // mise
  [/^(.+)\/installs\/node\/(\d+)\.[^/]+\/bin\/node$/, '$1/installs/node/$2/bin/node'],
  [/^\/snap\/node\/[^/]+\/bin\/node$/, '/snap/node/current/bin/node'],
  [/^\/nix\/store\/.+\/bin\/node$/, '{home}/.nix-profile/bin/node'],
  [/^\/nix\/store\/.+\/bin\/node$/, '/etc/profiles/per-user/{user}/bin/node'],
  [/^\/nix\/store\/.+\/bin\/node$/, '/run/current-system/sw/bin/node'],
  [/^\/nix\/store\/.+\/bin\/node$/, '/nix/var/nix/profiles/default/bin/node'],
  // Scoop
  [/^(.+)\\apps\\(nodejs[^\\]*)\\[^\\]+\\node\.exe$/, '$1\\apps\\$2\\current\\node.exe'],
];

/**
 * The name for a Node.js that stays when a package manager puts a newer one in its place: a link that leads to
 * this very program now. A shim (Volta, asdf, nodenv) does not count, because it runs what the project around it says.
 * @param real where a path leads; undefined where it leads nowhere
 */
export function lastingName(node: string, real: (path: string) => string | undefined = realPath): string {
  const names = lastingNames
    .filter(([installed]) => installed.test(node))
    .flatMap(([installed, name]) => {
      const filled = fill(name);
      return filled === undefined ? [] : [node.replace(installed, filled)];
    });
  return names.find(name => real(name) === node) ?? node;
}

/**
 * The Node.js for clients to start, by a path of its own: the one that runs, or, where that is borrowed from a
 * project or a cache, the place of a copy of ours.
 * @throws OmnispindleError `invalid_settings` where what runs is no Node.js we support
 */
export function chosenNode(): { path: string; isCopy: boolean } {
  const version = process.versions.node;
  if (process.versions['electron'] || process.versions['bun'] || !isSupportedNode()) {
    const text = l10n.t(
      'Clients need Node.js 22 from 22.19 on, or 24 or newer, to start Omnispindle with; this is {0}. Install it from https://nodejs.org, then run this again with it.',
      process.versions['electron'] ? `Electron ${process.versions['electron']}` : version,
    );
    throw new OmnispindleError('invalid_settings', text);
  }
  if (isBorrowed(process.execPath) || lies(process.execPath, realPath(tmpdir()) ?? tmpdir())) {
    return { path: copiedNode(), isCopy: true };
  }
  return { path: lastingName(process.execPath), isCopy: false };
}

/** Makes sure that the chosen Node.js is there. @returns its path @throws OmnispindleError where it cannot be copied */
export async function provideNode(log: Log): Promise<string> {
  const { path, isCopy } = chosenNode();
  if (!isCopy || (await isOurVersion(path))) return path;
  await ensurePrivateDirectory(dirname(dirname(path)), log);
  await ensurePrivateDirectory(dirname(path), log);
  const fresh = `${path}.${String(process.pid)}`;
  try {
    // On file systems that can, it takes no space.
    await copyFile(process.execPath, fresh, constants.COPYFILE_FICLONE);
    await chmod(fresh, 0o700);
    if (!(await isOurVersion(fresh))) throw new Error(l10n.t('the copy of Node.js does not run'));
    // Windows renames a program that runs, but does not replace it.
    if (process.platform === 'win32') {
      await rename(path, join(dirname(path), 'old.exe')).catch(() => undefined);
    }
    await retryOnWindows(() => rename(fresh, path));
  } catch (error) {
    throw storageFailed(path, error);
  } finally {
    await rm(fresh, { force: true }).catch(() => undefined);
  }
  return path;
}

async function isOurVersion(path: string): Promise<boolean> {
  try {
    const [there, running] = await Promise.all([stat(path), stat(process.execPath)]);
    if (there.size !== running.size) return false;
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000, windowsHide: true });
    return stdout.trim() === process.version;
  } catch {
    return false;
  }
}

/** Undefined where the user has no such thing, as one of a container. */
function fill(name: string): string | undefined {
  if (name.includes('{home}')) {
    const home = homeIfAny();
    return home && name.replace('{home}', home);
  }
  if (!name.includes('{user}')) return name;
  try {
    return name.replace('{user}', userInfo().username);
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
