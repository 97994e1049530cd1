import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { longestJob, runJob, type Job, type JobResult } from './jobProcess.ts';

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
  /** @param limit aborted when the job has taken too long */
  readonly run?: (job: Job, limit: AbortSignal) => Promise<JobResult>;
  /** Tells which share of the time, from 0 to 1, the processors were idle since the last time it was asked. */
  readonly idleShare?: () => number;
  /** How often (ms) it is asked. */
  readonly pause?: number;
  /** Aborted where no further job is to begin. */
  readonly signal?: AbortSignal;
}

/** Runs all jobs, several at once, and always the longest that is left next. */
export async function runJobs(
  jobs: readonly Job[],
  {
    run = (job, limit) => runJob(job, { limit }),
    idleShare = idleMeter(),
    pause = 1_000,
    signal,
  }: RunOptions = {},
): Promise<JobResult[]> {
  const times = readTimes();
  const left = longestFirst(jobs, times);
  const results: JobResult[] = [];
  const running = new Set<Promise<unknown>>();

  function begin(count: number): void {
    if (signal?.aborted) return;
    for (const job of left.splice(0, Math.max(count, 0))) {
      const ended = run(job, AbortSignal.timeout(limitOf(job, times))).then(result => {
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
  const known = jobs.flatMap(({ name, files = [name] }) => files.flatMap(file => times[file] ?? []));
  const average = sum(known) / Math.max(known.length, 1);
  const secondsOf = ({ name, files = [name] }: Job) => sum(files.map(file => times[file] ?? average));
  return jobs.toSorted((a, b) => secondsOf(b) - secondsOf(a));
}

/**
 * How long (ms) a job may take: five times what it took, as machines differ.
 * @param times one that is not among them may take the longest
 */
export function limitOf({ name }: Job, times: Times): number {
  const known = times[name];
  return known === undefined ? longestJob : Math.min(Math.max(5_000 * known, longestJob / 3), longestJob);
}

/** What each file, or share of the editor's tests, took. */
export function readTimes(): Times {
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
    ...Object.fromEntries(
      results.flatMap(({ name, seconds, times: own = { [name]: seconds } }) => Object.entries(own)),
    ),
  });
  times.sort(([a], [b]) => (a < b ? -1 : 1));
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(times), undefined, 2)}\n`);
}
