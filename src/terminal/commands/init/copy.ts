import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { installDirectory, launcher } from './places.ts';

/** A copy of this package that clients start. */
export interface Copy {
  /** The name of its directory, in the one for copies. */
  readonly name: string;
  readonly version: string;
  /** Whether it comes from a registry; else from a directory on this machine, whose files may have changed since. */
  readonly published: boolean;
}

const installed = z.object({ name: z.literal('omnispindle'), version: z.string() });
/** npm's own record of what it has installed (npm documentation, "package-lock.json", hidden lockfiles). */
const record = z.object({
  packages: z.object({
    'node_modules/omnispindle': z.object({
      version: z.string(),
      integrity: z.optional(z.string()),
      resolved: z.optional(z.string()),
    }),
  }),
});

/** What the launcher says. */
export function launcherText(name: string): string {
  return `// Written by "omnispindle init"; it names the copy that counts.\nimport('../${name}/node_modules/omnispindle/dist/cli.js');\n`;
}

/** The copy that the launcher leads to; undefined where there is none, or it is not whole. */
export async function presentCopy(): Promise<Copy | undefined> {
  const text = await readFile(launcher(), 'utf8').catch(() => '');
  const name = /^import\('\.\.\/([\w.+-]+)\/node_modules\//m.exec(text)?.[1];
  return name === undefined ? undefined : readCopy(name);
}

/**
 * Reads what npm has installed in that directory.
 * @returns undefined where it is not this package, or not what the registry had promised
 */
export async function readCopy(name: string): Promise<Copy | undefined> {
  const modules = join(installDirectory(), name, 'node_modules');
  const home = join(modules, 'omnispindle');
  try {
    const { version } = installed.parse(await readJson(join(home, 'package.json')));
    const { packages } = record.parse(await readJson(join(modules, '.package-lock.json')));
    const { version: recorded, integrity, resolved } = packages['node_modules/omnispindle'];
    const published = !resolved?.startsWith('file:');
    const isWhole = lstatSync(home).isDirectory() && lstatSync(join(home, 'dist', 'cli.js')).isFile();
    if (!isWhole || recorded !== version || !integrity?.startsWith('sha512-')) return undefined;
    return { name, version, published };
  } catch {
    return undefined;
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}

/**
 * Compares two versions (Semantic Versioning 2.0.0, 11).
 * @returns a number below, at or above 0, for `sort`
 */
export function compareVersions(a: string, b: string): number {
  const [[left, leftPre], [right, rightPre]] = [split(a), split(b)];
  const numbers = compare(left, right);
  if (numbers !== 0 || leftPre === rightPre) return numbers;
  if (!leftPre || !rightPre) return leftPre ? -1 : 1;
  return compare(leftPre, rightPre);
}

function split(version: string): [numbers: string, prerelease: string] {
  const [numbers = '', ...prerelease] = (version.split('+')[0] ?? '').split('-');
  return [numbers, prerelease.join('-')];
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
