import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { useDirectory } from './auth/fixtures.ts';
import type { Summary } from './editor/results.ts';
import type { JobResult } from './jobProcess.ts';
import { report } from './report.ts';

describe('[12] a test that needs what this machine lacks', () => {
  const given = useDirectory();
  const here = JSON.stringify(join(import.meta.dirname, 'needs.ts'));
  const tests = `
    import { itNeeds, suiteNeeds } from ${here};
    describe('one', () => {
      itNeeds(['Chromium'], 'needs a browser', () => { throw new Error('It ran.'); });
      itNeeds(['a POSIX system'], 'needs nothing that is not there', () => {});
      it('needs nothing', () => {});
    });
    describe('two', () => {
      suiteNeeds('Chromium');
      it('first', () => { throw new Error('It ran.'); });
      describe('inner', () => it('second', () => { throw new Error('It ran.'); }));
    });`;

  /** Runs those tests in a lane where there is no Chromium. */
  async function lane(env: NodeJS.ProcessEnv) {
    const file = join(given.path, 'some.test.mjs');
    writeFileSync(file, tests);
    const child = fork(join(import.meta.dirname, 'lane.ts'), [file], {
      env: {
        ...process.env,
        CI: '',
        OMNISPINDLE_TESTS: '',
        CHROMIUM_PATH: join(given.path, 'none'),
        ...env,
      },
      silent: true,
    });
    const [[summary], output] = await Promise.all([
      once(child, 'message') as Promise<[Summary]>,
      text(child.stdout!),
    ]);
    return { summary, output };
  }

  for (const [name, env] of Object.entries({
    'on a person’s machine': {},
    'in a job of CI that says it has neither root nor packages': {
      CI: 'true',
      OMNISPINDLE_TESTS: 'rootless',
    },
  })) {
    it(`is left out, and reported as left out, ${name}`, async () => {
      const { summary } = await lane(env);
      const { times, ...counts } = summary as Summary & Pick<JobResult, 'times'>;
      assert.equal(Object.keys(times ?? {}).length, 1);
      assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 3, leftOut: { Chromium: 3 } });
      const { text, isGood } = report([summary], []);
      assert.match(text, /\n {4}3 tests, which need Chromium: apt-get install chromium/);
      assert.match(text, /\n2 passed, 0 failed, 3 skipped$/);
      assert.ok(isGood);
    });
  }

  it('fails in CI, and says how to get what is missing', async () => {
    const { summary, output } = await lane({ CI: 'true' });
    assert.ok(summary.failed >= 2);
    assert.match(output, /In CI no test is left out, and this one needs Chromium: apt-get install chromium/);
    assert.ok(!report([summary], []).isGood);
  });

  it('counts as failed where it is skipped without a reason', () => {
    const { text, isGood } = report([{ passed: 5, failed: 0, skipped: 1 }], []);
    assert.match(text, /^\n5 passed, 1 failed$/);
    assert.ok(!isGood);
  });
});
