import assert from 'node:assert/strict';
import { longestFirst, runJobs, type Job } from './jobs.ts';

const job = (name: string, code = ''): Job => ({ name, command: [process.execPath, '-e', code] });
const passing = (name: string, milliseconds: number) =>
  job(name, `setTimeout(() => process.send({ passed: 1, failed: 0, skipped: 0 }), ${String(milliseconds)})`);

describe('the jobs of the tests', () => {
  it('begin with the longest; one that was never measured counts as average', () => {
    const jobs = ['short', 'new', 'long', 'longer'].map(name => job(name));
    const sorted = longestFirst(jobs, { short: 1, long: 20, longer: 30, gone: 500 });
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['longer', 'long', 'new', 'short'],
    );
  });

  it('count as failed where their process ends without saying how many passed, or cannot start', async () => {
    const jobs = [passing('one', 0), job('two'), { name: 'three', command: ['/no/such/program'] as const }];
    const shown: string[] = [];
    const results = await runJobs(jobs, text => shown.push(text));
    assert.deepEqual(results.map(({ failed }) => failed).sort(), [0, 1, 1]);
    assert.match(shown.join('\n'), /three, 0 s\n.*\/no\/such\/program/s);
  });
});
