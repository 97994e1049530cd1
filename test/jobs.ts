import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

/**
 * How many jobs run at once: most tests wait, for a token to end or for a process to start. So many run at any time,
 * and more of them while processors are idle.
 */
const fewest = availableParallelism() + 2;
const most = availableParallelism() + 6;
/** What share of the time processors are idle when there is room for another job. */
const room = 0.25;

export interface RunOptions {
  readonly run?: (job: Job) => Promise<JobResult>;
  /** Tells which share of the time, from 0 to 1, the processors were idle since the last time it was asked. */
  readonly idleShare?: () => number;
  /** How often (ms) it is asked. */
  readonly pause?: number;
}

/** Runs all jobs, several at once, and always the longest that is left next. */
export async function runJobs(
  jobs: readonly Job[],
  { run = runJob, idleShare = idleMeter(), pause = 1_000 }: RunOptions = {},
): Promise<JobResult[]> {
  const left = longestFirst(jobs, readTimes());
  const results: JobResult[] = [];
  const running = new Set<Promise<unknown>>();

  function begin(count: number): void {
    for (const job of left.splice(0, Math.max(count, 0))) {
      const ended = run(job).then(result => {
        results.push(result);
        running.delete(ended);
      });
      running.add(ended);
    }
  }

  for (let time = delay(pause, 'time'); ;) {
    begin(fewest - running.size);
    if (running.size === 0) return results;
    if ((await Promise.race([...running, time])) === 'time') {
      if (idleShare() > room && running.size < most) begin(1);
      time = delay(pause, 'time');
    }
  }
}

function idleMeter(): () => number {
  const read = () => {
    const times = cpus().map(cpu => cpu.times);
    const all = times.flatMap(each => Object.values(each));
    return { idle: sum(times.map(({ idle }) => idle)), all: sum(all) };
  };
  let last = read();
  return () => {
    const now = read();
    const share = (now.idle - last.idle) / Math.max(now.all - last.all, 1);
    last = now;
    return share;
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** @param times a job that is not among them counts as average */
export function longestFirst(jobs: readonly Job[], times: Times): Job[] {
  const known = jobs.flatMap(({ name }) => times[name] ?? []);
  const average = sum(known) / Math.max(known.length, 1);
  const secondsOf = ({ name }: Job) => times[name] ?? average;
  return jobs.toSorted((a, b) => secondsOf(b) - secondsOf(a));
}

/** Runs one in its process, and shows what it wrote when it has ended. */
export async function runJob(
  { name, command, env }: Job,
  show: (text: string) => void = console.log,
): Promise<JobResult> {
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

/**
 * Leaves the times in `.cache`, beside those of the other lane, from where they are copied to `test/times.json` now and
 * then.
 */
export function keepTimes(results: readonly JobResult[]): void {
  const path = join(cache, 'times.json');
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Times) : {};
  const times = Object.entries({
    ...before,
    ...Object.fromEntries(results.map(({ name, seconds }) => [name, seconds])),
  });
  times.sort(([a], [b]) => (a < b ? -1 : 1));
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(times), undefined, 2)}\n`);
}
