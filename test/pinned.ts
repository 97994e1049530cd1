import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.ts';

/** A program of npm's that is too large for a devDependency. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** The integrity (npm's) of the packages that must be what they were; of its platform's others are not there. */
  readonly integrity: Readonly<Record<string, string>>;
}

/** Where it is, once {@link installPinned} has put it there. */
export const pinnedDirectory = ({ name, version }: PinnedPackage): string =>
  join(cache, `${name.split('/').at(-1) ?? name}-${version}`);

/**
 * Installs it, where it is not there yet.
 * @throws Error where it cannot be had, or is not what it was when we pinned it
 */
export function installPinned(pinned: PinnedPackage): void {
  const directory = pinnedDirectory(pinned);
  if (existsSync(directory)) return;
  const what = `${pinned.name}@${pinned.version}`;
  console.log(`Installing ${what} into ${cache} …`);
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fresh-'));
  try {
    const flags = ['--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, what], { cwd: fresh, stdio: ['ignore', 'ignore', 'inherit'] });
    const { packages } = JSON.parse(readFileSync(join(fresh, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity?: string }>;
    };
    for (const [name, integrity] of Object.entries(pinned.integrity)) {
      if (packages[`node_modules/${name}`]?.integrity === integrity) continue;
      throw new Error(`${name} of ${what} is not what it was when it was pinned.`);
    }
    renameSync(fresh, directory);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
