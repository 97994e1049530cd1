import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { useDirectory } from './auth/fixtures.ts';
import { endJobs, runJob } from './jobProcess.ts';
import { itNeeds } from './needs.ts';
import { processesWith, untilNone } from './terminal/processes.ts';

const passed = 'process.send({ passed: 1, failed: 0, skipped: 0 });';
/** Goes on for ever, once it has told the test that it is so far. */
const stay = `require('node:fs').writeFileSync(process.env.BEGUN, ''); setInterval(() => {}, 1_000);`;
/** Starts a process that stays, with those options, and writes its number. */
const startOther = (options: string) => `
  const { spawn } = require('node:child_process');
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], ${options});
  console.log('pid ' + other.pid);`;

describe('the process of a job', () => {
  const directory = useDirectory();

  /** Runs that code as a job. @returns what it wrote, with its result and the numbers of processes in what it wrote */
  async function run(code: string, limit?: AbortSignal) {
    let shown = '';
    const result = await runJob(
      {
        name: 'a job',
        command: [process.execPath, '-e', code],
        env: { BEGUN: join(directory.path, 'begun') },
      },
      { show: text => (shown += text), grace: 500, ...(limit && { limit }) },
    );
    const pids = Array.from(shown.matchAll(/pid (\d+)/g), ([, pid]) => Number(pid));
    return { ...result, shown, pids };
  }
  async function begun(): Promise<void> {
    while (!existsSync(join(directory.path, 'begun'))) await delay(20);
  }
  /** Runs that code, and finds it too long when it has begun to stay. */
  async function runTooLong(code: string) {
    const limit = new AbortController();
    const result = run(code, limit.signal);
    await begun();
    limit.abort();
    return result;
  }
  /** Which of those processes still run when what was killed has had time to end. */
  const left = (pids: readonly number[]) =>
    untilNone(() => processesWith('').filter(({ pid }) => pids.includes(pid)), 5_000);

  it('tells how many of its tests passed, and has failed where it ends without a result', async () => {
    const good = await run(`console.log('done'); ${passed}`);
    assert.deepEqual([good.passed, good.failed], [1, 0]);
    assert.match(good.shown, /a job, \d+ s\ndone/);
    assert.equal((await run('')).failed, 1);
  });

  it('has failed where it cannot start', async () => {
    let shown = '';
    const { failed } = await runJob(
      { name: 'no job', command: ['/no/such/program'] },
      { show: text => (shown += text) },
    );
    assert.equal(failed, 1);
    assert.match(shown, /no job, \d+ s\n.*\/no\/such\/program/s);
  });

  const tooLong = /a job had not ended after \d+ s, and was killed with all that it had started/;

  it('has failed where it takes too long, and shows what it wrote until then', async () => {
    const { failed, shown } = await runTooLong(`console.log('first'); ${stay}`);
    assert.equal(failed, 1);
    assert.match(shown, /first\n/);
    assert.match(shown, tooLong);
  });

  it('has failed where it told its result, and takes too long then', async () => {
    const result = await runTooLong(`${passed} ${stay}`);
    assert.deepEqual([result.passed, result.failed], [1, 1]);
    assert.match(result.shown, tooLong);
  });

  itNeeds(['a POSIX system'], 'may tidy up before it is killed', async () => {
    const tidies = `process.once('SIGTERM', () => { console.log('tidied'); process.exit(); });`;
    const { failed, shown } = await runTooLong(`${tidies} ${stay}`);
    assert.equal(failed, 1);
    assert.match(shown, /tidied\n/);
  });

  for (const [what, code] of [
    [
      'itself, where it does not hear SIGTERM',
      `console.log('pid ' + process.pid); process.on('SIGTERM', () => {});`,
    ],
    ['what it has started', startOther('{}')],
    ['what has a group of its own', startOther('{ detached: true }')],
    ['what has another environment', startOther('{ env: {}, detached: true }')],
  ] as const) {
    itNeeds(['Linux'], `is killed with all that it has started: ${what}`, async () => {
      const { failed, pids } = await runTooLong(`${code} ${stay}`);
      assert.equal(failed, 1);
      assert.equal(pids.length, 1);
      assert.deepEqual(await left(pids), []);
    });
  }

  itNeeds(
    ['Linux'],
    'has failed where it has ended, and a process that it has started holds its output',
    async () => {
      const other = `${startOther('{ stdio: "inherit", detached: true }')} other.unref();`;
      const { pids, ...result } = await runTooLong(
        `${other} ${passed} ${stay.replace(/setInterval.*/, 'process.disconnect();')}`,
      );
      assert.deepEqual([result.passed, result.failed], [1, 1]);
      assert.match(result.shown, tooLong);
      assert.equal(pids.length, 1);
      assert.deepEqual(await left(pids), []);
    },
  );

  itNeeds(['Linux'], 'ends with all that it has started, where the whole run is stopped', async () => {
    const result = run(`${startOther('{ detached: true }')} ${stay}`);
    await begun();
    await endJobs();
    const { failed, pids } = await result;
    assert.equal(failed, 1);
    assert.equal(pids.length, 1);
    assert.deepEqual(await left(pids), []);
  });
});
