import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { treeKill } from '../src/platform/processGroup.ts';
import type { Summary } from './editor/results.ts';
import { alive, descendants, processesWith } from './terminal/processes.ts';

/** A process that runs tests, and tells us by a message how many passed. */
export interface Job {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** The files it runs, where it runs several. */
  readonly files?: readonly string[];
}

export interface JobResult extends Summary {
  readonly name: string;
  readonly seconds: number;
  /** Seconds that each of its files took, where it ran several. */
  readonly times?: Readonly<Record<string, number>>;
}

/** How long (ms) a job may take, where nothing is known of it. */
export const longestJob = 15 * 60_000;

export interface JobOptions {
  /** Gets what the job wrote, when it has ended. */
  readonly show?: (text: string) => void;
  /** Aborted when the job, with all that holds its output, has taken too long. */
  readonly limit?: AbortSignal;
  /** How long (ms) it may then take to tidy up, and again to let go of its output once it was killed. */
  readonly grace?: number;
}

/** What ends each job that runs, for when this process must end. */
const running = new Set<() => Promise<void>>();
const hasProc = existsSync('/proc/self/stat');

/**
 * Runs a job in its process, and shows what it wrote when it has ended. One that takes too long is killed, with all
 * that it has started, and has failed.
 */
export async function runJob(
  { name, command, env, files = [] }: Job,
  { show = console.log, limit = AbortSignal.timeout(longestJob), grace = 15_000 }: JobOptions = {},
): Promise<JobResult> {
  const began = performance.now();
  const secondsSince = () => Math.round((performance.now() - began) / 1_000);
  const [program, ...args] = command;
  const id = randomUUID();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own, so that it can be killed as a whole.
    detached: process.platform !== 'win32',
    env: { ...process.env, ...env, TEST_JOB: id },
  });
  let output = '';
  const outputs = [child.stdout, child.stderr].filter(stream => stream !== null);
  for (const stream of outputs) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  let told: (Summary & Pick<JobResult, 'times'>) | undefined;
  child.on('message', message => (told = message as typeof told));
  child.on('error', error => (output += error.message));
  const closed = new Promise(resolve => child.once('close', resolve).once('error', resolve));
  const stop = async () => {
    await endAll(child, `TEST_JOB=${id}`, grace);
    await within(grace, closed);
    for (const stream of outputs) stream.destroy();
  };
  running.add(stop);
  const isLate = await Promise.race([closed.then(() => false), once(limit, 'abort').then(() => true)]);
  if (isLate) {
    const seconds = String(secondsSince());
    await stop();
    output += `\n  ✘ ${name} had not ended after ${seconds} s, and was killed with all that it had started.\n`;
  }
  running.delete(stop);
  const { passed = 0, failed = 1, skipped = 0, times, ...more } = told ?? {};
  const summary = { passed, failed: failed + (told && isLate ? 1 : 0), skipped, ...more };
  const seconds = secondsSince();
  show(`\n  ${name}, ${String(seconds)} s\n${output}`);
  // What one file took is best told by its process, loading and all.
  return { ...summary, name, seconds, ...(files.length > 1 && times && { times }) };
}

/** Ends all jobs that run, with all that they have started. */
export async function endJobs(): Promise<void> {
  await Promise.all([...running].map(stop => stop()));
}

/**
 * Asks the job to end, as it may want to tidy up, and kills what is left.
 * @param mark what all its processes have in their environment, but for those that were given another one
 */
async function endAll(child: ChildProcess, mark: string, grace: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const found = () => (hasProc ? [...descendants(pid), ...processesWith(mark)] : []);
  // Whose parent has ended is not found by it any more.
  const before = found();
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await within(grace, exited);
  }
  if (process.platform === 'win32') {
    const [program, args] = treeKill(pid, process.env);
    spawnSync(program, args, { stdio: 'ignore', windowsHide: true });
    return;
  }
  const left = hasProc ? alive([...before, ...found()]) : [];
  for (const each of [-pid, ...left.map(one => one.pid)]) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

const within = (limit: number, work: Promise<unknown>) =>
  Promise.race([work, delay(limit, undefined, { ref: false })]);
