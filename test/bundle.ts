import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What the bundle depends on, apart from the sources in it; a package's version changes with the lockfile. */
const settings = ['esbuild.js', 'tsconfig.json', 'package-lock.json'];

/**
 * Makes sure that what is tested is what `src` holds.
 * @param project the folder of a checkout
 * @returns the folder of its bundle
 * @throws Error that says what is newer than the bundle, and how to build it
 */
export function freshBundle(project: string): string {
  const dist = join(project, 'dist');
  const newer = newerThan(project, join(dist, 'metafile.json'));
  if (newer === undefined) return dist;
  throw new Error(`${dist} is missing, or older than ${newer}. Build it with "npm run bundle".`);
}

function newerThan(project: string, metafile: string): string | undefined {
  const built = statSync(metafile, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return 'src';
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { inputs: object };
  const sources = Object.keys(inputs).filter(path => path.startsWith('src/'));
  return [...sources, ...settings].find(path => {
    const changed = statSync(join(project, path), { throwIfNoEntry: false })?.mtimeMs;
    return changed === undefined || changed > built;
  });
}

const dist = freshBundle(root);

/** The bundle's doors: the command line, the library, and what servers import. */
export const cli = join(dist, 'cli.js');
export const library = join(dist, 'index.js');
export const forServers = join(dist, 'server.js');
