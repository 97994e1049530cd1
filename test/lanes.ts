import { spawnSync } from 'node:child_process';
import { glob } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Job } from './jobProcess.ts';
import { readTimes, type Times } from './jobs.ts';

/** Needs the registry, which a network of its own does not reach. */
const needsNetwork = /published\.test\.ts$/;

/** Needs an engine for containers: `npm run test:container` runs those. */
const needsEngine = /^test[\\/]containers[\\/]/;

/** Those that `npm run test:long` runs: they wait long, repeat much, or install what they test. */
const takesLong =
  /(?:chaos|expiries|nodeVersions|many|ending|recovery|planted|skew|installation|published|terminal\/(?:keychain|init)|conformance\/client|conformance\/http|http\/fuzz|team\/(?:failures|demo|readme)|killedTransfer|killedMove|clients\/(?:obstacles|inspector|inspectorWeb|claudeCode|webPage))\.test\.ts$/;

/** Whether that file, a job's name, is left to `npm run test:long`. */
export const isLong = (file: string): boolean => takesLong.test(file);

/** Files that take no longer (s) share a process with others of their folder: most of such a time is for loading. */
const short = 3;
/** How long (s) the files of one process may take together. */
const most = 12;

/**
 * The files in the order they are given in, with the short ones of a folder below `test` together.
 * @param times one that is not among them stays alone
 */
export function shareProcesses(files: readonly string[], times: Times): string[][] {
  const groups: string[][] = [];
  const open = new Map<string, { readonly files: string[]; seconds: number }>();
  for (const file of files) {
    // A second at least: what is cut off would add up.
    const seconds = Math.max(times[file] ?? Infinity, 1);
    const folder = folderOf(file);
    const group = open.get(folder);
    if (seconds > short || isLong(file)) {
      groups.push([file]);
    } else if (group && group.seconds + seconds <= most) {
      group.files.push(file);
      group.seconds += seconds;
    } else {
      const next = { files: [file], seconds };
      open.set(folder, next);
      groups.push(next.files);
    }
  }
  return groups;
}

const folderOf = (file: string) => file.split('/').slice(0, -1).slice(0, 2).join('/');

/** A variable by which a job finds modules compiled: most load the same ones. */
export const compiledIn = (root: string): Readonly<Record<string, string>> => ({
  NODE_COMPILE_CACHE: join(root, '.cache', 'compiled'),
});

/** The tests in Node, each process in a network of its own where this user may make networks (root on Linux). */
export async function nodeJobs(root: string): Promise<Job[]> {
  const files: string[] = [];
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) {
    if (!needsEngine.test(file)) files.push(file.replaceAll(sep, '/'));
  }
  files.sort();
  const node = [process.execPath, join(import.meta.dirname, 'lane.ts')] as const;
  const env = compiledIn(root);
  const hasNetworks = mayMakeNetworks();
  return shareProcesses(files, readTimes()).map(group => {
    const [name = '', ...others] = group;
    const command = [...node, ...group.map(file => join(root, file))] as const;
    return {
      name: others.length === 0 ? name : `${folderOf(name)}: ${group.map(nameOf).join(', ')}`,
      command: hasNetworks && !needsNetwork.test(name) ? inOwnNetwork(...command) : command,
      env,
      files: group,
    };
  });
}

const nameOf = (file: string) => basename(file, '.test.ts');

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
