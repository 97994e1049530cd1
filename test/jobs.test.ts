import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { runJob, type Job, type JobResult } from './jobProcess.ts';
import { limitOf, longestFirst, runJobs } from './jobs.ts';
import { shareProcesses } from './lanes.ts';

const job = (name: string): Job => ({ name, command: ['/no/such/program'] });

describe('the jobs of the tests', () => {
  it('share a process where they are short and of one folder, up to a limit; long or new ones are alone', () => {
    const short = Object.fromEntries(
      Array.from({ length: 5 }, (_, at) => [`test/c/${String(at)}.test.ts`, 3]),
    );
    const times = {
      'test/a/deep/one.test.ts': 0,
      'test/a/long.test.ts': 4,
      'test/a/two.test.ts': 2,
      'test/b/planted.test.ts': 1,
      'test/b/three.test.ts': 1,
      'test/four.test.ts': 1,
      ...short,
    };
    const files = [...Object.keys(times), 'test/a/new.test.ts'];
    const groups = shareProcesses(files, times);
    assert.deepEqual(groups.flat().sort(), files.toSorted());
    assert.deepEqual(
      groups.filter(group => group.length > 1),
      [['test/a/deep/one.test.ts', 'test/a/two.test.ts'], Object.keys(short).slice(0, 4)],
    );
  });

  it('of several files begin with what these take together, and tell what each took', async () => {
    const code = 'process.send({ passed: 1, failed: 0, skipped: 0, times: { a: 2, b: 3 } })';
    const several: Job = { name: 'several', command: [process.execPath, '-e', code], files: ['a', 'b'] };
    const sorted = longestFirst([job('one'), several], { one: 4, a: 2, b: 3 });
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['several', 'one'],
    );
    assert.deepEqual((await runJob(several, { show: () => undefined })).times, { a: 2, b: 3 });
    assert.equal((await runJob({ ...several, files: ['a'] }, { show: () => undefined })).times, undefined);
  });

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
