import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { noLog } from '../../src/common/log.ts';
import { withLock } from '../../src/platform/lock.ts';
import { cache } from '../cache.ts';

const root = join(import.meta.dirname, '..', '..');
const vsce = join(root, 'node_modules', '.bin', 'vsce');

/** Packages the extension of a folder, already built, as a VSIX file. @throws Error with what vsce says */
export async function packageExtension(directory: string, vsix: string): Promise<void> {
  await promisify(execFile)(
    vsce,
    ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '-o', vsix],
    { cwd: directory },
  );
}

/** Where the editors of one run of the tests find what they install, if a run has started them. */
const shared = process.env['OMNISPINDLE_TEST_PACKAGES'];

/** @returns a variable that makes all editors of this run install the same packages, and what removes them */
export function sharePackages(): { env: Record<string, string>; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'omnispindle-packages-'));
  return {
    env: { OMNISPINDLE_TEST_PACKAGES: directory },
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Packages our extension and the suite's. Of several editors of one run, one does it, and the others wait.
 * @param profile a folder for them, where the run has none
 * @returns the VSIX files
 */
export async function packageForSuite(profile: string): Promise<string[]> {
  const directory = join(shared ?? profile, 'packages');
  await withLock(join(cache, 'locks'), 'packages', noLog, async () => {
    if (existsSync(directory)) return;
    const unfinished = `${directory}-unfinished`;
    mkdirSync(unfinished, { recursive: true });
    await packageExtension(root, join(unfinished, 'omnispindle.vsix'));
    await packageExtension(await bundleSuite(unfinished), join(unfinished, 'suite.vsix'));
    renameSync(unfinished, directory);
  });
  return [join(directory, 'omnispindle.vsix'), join(directory, 'suite.vsix')];
}

/** Packages a German language pack that has no texts. @returns the VSIX file */
export async function packageLanguage(profile: string): Promise<string> {
  const vsix = join(profile, 'language.vsix');
  await packageExtension(join(import.meta.dirname, 'languagePack'), vsix);
  return vsix;
}

/**
 * Installs VSIX files into a folder. Of several editors of one run that have the same ones, one does it, and the others copy.
 * @param install installs them into the folder that it gets
 */
export async function installOnce(
  vsixes: readonly string[],
  into: string,
  install: (directory: string) => Promise<unknown>,
): Promise<void> {
  if (shared === undefined) {
    await install(into);
    return;
  }
  const directory = join(shared, ['installed', ...vsixes.map(vsix => basename(vsix, '.vsix'))].join('-'));
  await withLock(join(cache, 'locks'), 'packages', noLog, async () => {
    if (existsSync(directory)) return;
    const unfinished = `${directory}-unfinished`;
    await install(unfinished);
    renameSync(unfinished, directory);
  });
  cpSync(directory, into, { recursive: true });
}

async function bundleSuite(into: string): Promise<string> {
  const directory = join(into, 'suite');
  cpSync(join(import.meta.dirname, 'extension'), directory, { recursive: true });
  writeFileSync(join(directory, 'README.md'), 'The suite.');
  await build({
    entryPoints: [join(import.meta.dirname, 'suite', 'main.ts')],
    outfile: join(directory, 'dist', 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'error',
  });
  return directory;
}
