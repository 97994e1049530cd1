import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Summary } from './editor/run.ts';

/** A process that runs tests, and tells us by a message how many passed. */
export interface Job {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface JobResult extends Summary {
  readonly name: string;
  readonly seconds: number;
}

/** Seconds that a job took, by its name. */
export type Times = Readonly<Partial<Record<string, number>>>;

const cache = join(import.meta.dirname, '..', '.cache');

/** Most tests wait, for a token to end or for a process to start: there are more jobs at once than processors. */
const atOnce = availableParallelism() + 2;

/**
 * Runs all jobs, several at once: whenever one has ended, the longest that is left begins.
 * @param show shows what a job wrote, when it has ended
 */
export async function runJobs(
  jobs: readonly Job[],
  show: (text: string) => void = console.log,
): Promise<JobResult[]> {
  const left = longestFirst(jobs, readTimes());
  const results: JobResult[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let job = left.shift(); job; job = left.shift()) results.push(await runJob(job, show));
    }),
  );
  return results;
}

/** @param times a job that is not among them counts as average */
export function longestFirst(jobs: readonly Job[], times: Times): Job[] {
  const known = jobs.flatMap(({ name }) => times[name] ?? []);
  const average = known.reduce((sum, seconds) => sum + seconds, 0) / Math.max(known.length, 1);
  const secondsOf = ({ name }: Job) => times[name] ?? average;
  return jobs.toSorted((a, b) => secondsOf(b) - secondsOf(a));
}

async function runJob({ name, command, env }: Job, show: (text: string) => void): Promise<JobResult> {
  const began = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let summary: Summary = { passed: 0, failed: 1, skipped: 0 };
  child.on('message', message => (summary = message as Summary));
  child.on('error', error => (output += error.message));
  await new Promise(resolve => child.once('close', resolve).once('error', resolve));
  const seconds = Math.round((performance.now() - began) / 1_000);
  show(`\n  ${name}, ${String(seconds)} s\n${output}`);
  return { ...summary, name, seconds };
}

function readTimes(): Times {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'times.json'), 'utf8')) as Times;
}

/** Leaves the times in `.cache`, from where they are copied to `test/times.json` now and then. */
export function keepTimes(results: readonly JobResult[]): void {
  const times = results.map(({ name, seconds }) => [name, seconds] as const);
  times.sort(([a], [b]) => (a < b ? -1 : 1));
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'times.json'), `${JSON.stringify(Object.fromEntries(times), undefined, 2)}\n`);
}
