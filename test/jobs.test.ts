import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Job, JobResult } from './jobProcess.ts';
import { limitOf, longestFirst, runJobs } from './jobs.ts';

const job = (name: string): Job => ({ name, command: ['/no/such/program'] });

describe('the jobs of the tests', () => {
  it('begin with the longest; one that was never measured counts as average', () => {
    const jobs = ['short', 'new', 'long', 'longer'].map(name => job(name));
    const sorted = longestFirst(jobs, { short: 1, long: 20, longer: 30, gone: 500 });
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['longer', 'long', 'new', 'short'],
    );
  });

  it('may take five times as long as they took, but at least 5 and at most 15 minutes', () => {
    const limits = ['short', 'long', 'longest', 'new'].map(name =>
      limitOf(job(name), { short: 1, long: 90, longest: 400 }),
    );
    assert.deepEqual(limits, [300_000, 450_000, 900_000, 900_000]);
  });

  for (const [when, idle, atOnce] of [
    ['the processors are busy', 0, availableParallelism() + 2],
    ['the processors are idle', 1, availableParallelism() + 6],
  ] as const) {
    it(`run ${String(atOnce)} at once while ${when}, and each of them once`, async () => {
      const names = Array.from({ length: 3 * atOnce }, (_, number) => String(number));
      const running: (() => void)[] = [];
      const all = runJobs(
        names.map(name => job(name)),
        {
          run: ({ name }) =>
            new Promise<JobResult>(resolve => {
              running.push(() => {
                resolve({ name, seconds: 1, passed: 1, failed: 0, skipped: 0 });
              });
            }),
          idleShare: () => idle,
          pause: 1,
        },
      );
      for (let ended = 0; ended < names.length; ended++) {
        const wanted = Math.min(atOnce, names.length - ended);
        while (running.length < wanted) await delay(1);
        await delay(10);
        assert.equal(running.length, wanted);
        running.shift()?.();
      }
      assert.deepEqual((await all).map(({ name }) => name).sort(), names.sort());
    });
  }

  it('begin no more where the run is stopped', async () => {
    const stop = new AbortController();
    const ends: (() => void)[] = [];
    const all = runJobs(
      Array.from({ length: 20 }, (_, number) => job(String(number))),
      {
        run: ({ name }) =>
          new Promise<JobResult>(resolve => {
            ends.push(() => {
              resolve({ name, seconds: 1, passed: 0, failed: 1, skipped: 0 });
            });
          }),
        idleShare: () => 1,
        pause: 1,
        signal: stop.signal,
      },
    );
    while (ends.length === 0) await delay(1);
    stop.abort();
    const begun = ends.length;
    for (const end of ends) end();
    assert.equal((await all).length, begun);
  });
});
