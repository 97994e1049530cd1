import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.ts';

const what = '@modelcontextprotocol/inspector';
const version = '2.12.0';
const integrity =
  'sha512-ppfN5+HnVWo6dY7jz5RMFUFTfEYPnFUjN3XN2w6PI6nmB/AFFXPGPfLBRvCeSx+qIH6kpi7Nsz5HYRp49loHpA==';
const installed = join(cache, `inspector-${version}`);

/** The MCP Inspector's script, which {@link installInspector} has put there: 110 MB, too many for a devDependency. */
export const inspector = join(installed, 'node_modules', what, 'clients', 'launcher', 'build', 'index.js');

/**
 * Installs the MCP Inspector, where it is not there yet.
 * @throws Error where it cannot be had, or is not what it was when we pinned it
 */
export function installInspector(): void {
  if (existsSync(inspector)) return;
  console.log(`Installing the MCP Inspector ${version} into ${cache} …`);
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'fresh-'));
  try {
    const flags = ['--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, `${what}@${version}`], {
      cwd: fresh,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const { packages } = JSON.parse(readFileSync(join(fresh, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity?: string }>;
    };
    if (packages[`node_modules/${what}`]?.integrity !== integrity) {
      throw new Error(`${what}@${version} is not what it was when test/inspector.ts pinned it.`);
    }
    renameSync(fresh, installed);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
