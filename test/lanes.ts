import { spawnSync } from 'node:child_process';
import { glob } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Job } from './jobProcess.ts';

/** Needs the registry, which a network of its own does not reach. */
const needsNetwork = /published\.test\.ts$/;

/** Needs an engine for containers: `npm run test:container` runs those. */
const needsEngine = /^test[\\/]containers[\\/]/;

/** Those that `npm run test:long` runs: they wait long, repeat much, or install what they test. */
const takesLong =
  /(?:chaos|expiries|nodeVersions|many|ending|recovery|planted|skew|installation|published|terminal\/keychain|conformance\/client|conformance\/http|http\/fuzz|team\/(?:failures|demo|readme)|killedTransfer|killedMove|clients\/(?:obstacles|inspector|inspectorWeb|claudeCode|webPage))\.test\.ts$/;

/** Whether that file, a job's name, is left to `npm run test:long`. */
export const isLong = (file: string): boolean => takesLong.test(file);

/** The tests in Node, each file in a network of its own where this user may make networks (root on Linux). */
export async function nodeJobs(root: string): Promise<Job[]> {
  const files: string[] = [];
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    if (!needsEngine.test(file)) files.push(join(root, file));
  }
  files.sort();
  const node = [process.execPath, join(import.meta.dirname, 'lane.ts')] as const;
  // Most files load the same modules.
  const env = { NODE_COMPILE_CACHE: join(root, '.cache', 'compiled') };
  const hasNetworks = mayMakeNetworks();
  return files.map(file => ({
    name: relative(root, file).replaceAll(sep, '/'),
    command: hasNetworks && !needsNetwork.test(file) ? inOwnNetwork(...node, file) : [...node, file],
    env,
  }));
}

function mayMakeNetworks(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['-n', 'ip', 'link']).status === 0;
}

const inOwnNetwork = (...command: string[]): Job['command'] => [
  'unshare',
  '-n',
  'sh',
  '-c',
  'ip link set lo up && exec "$@"',
  'sh',
  ...command,
];
