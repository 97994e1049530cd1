import { spawn, spawnSync } from 'node:child_process';
import { glob } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Summary } from './editor/run.ts';

/** Needs the registry, which a network of a lane's own does not reach. */
const needsNetwork = /published\.test\.ts$/;

/**
 * Runs every test in Node. Where this user may make networks (root on Linux), lanes run side by side, each in a
 * network of its own, so that the port of the callback is free in each; else one after the other.
 */
export async function runNodeTests(root: string): Promise<Summary[]> {
  const files: string[] = [];
  for await (const file of glob('test/**/*.test.ts', { cwd: root })) files.push(join(root, file));
  files.sort();
  if (!mayMakeNetworks()) return [await runLane('all', files, false)];
  const own = files.filter(file => !needsNetwork.test(file));
  const count = availableParallelism() + 2;
  const lanes = Array.from({ length: count }, (_, lane) => own.filter((_file, i) => i % count === lane));
  return Promise.all([
    runLane(
      'published',
      files.filter(file => needsNetwork.test(file)),
      false,
    ),
    ...lanes.map((lane, i) => runLane(String(i + 1), lane, true)),
  ]);
}

function mayMakeNetworks(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['-n', 'ip', 'link']).status === 0;
}

/** Runs files in a process of their own, and shows what it wrote when it has ended. */
async function runLane(name: string, files: readonly string[], inOwnNetwork: boolean): Promise<Summary> {
  const node = [process.execPath, join(import.meta.dirname, 'lane.ts'), ...files] as const;
  const [program, ...args] = inOwnNetwork
    ? (['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...node] as const)
    : node;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let summary: Summary = { passed: 0, failed: 1, skipped: 0 };
  child.on('message', message => (summary = message as Summary));
  await new Promise(resolve => child.once('close', resolve).once('error', resolve));
  console.log(`\n  tests in Node, lane ${name}\n${output}`);
  return summary;
}
