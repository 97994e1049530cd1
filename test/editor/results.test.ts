import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useDirectory } from '../auth/fixtures.ts';
import { readPid, readResults } from './results.ts';

describe('the results of the suite inside an editor', () => {
  const directory = useDirectory();

  function start() {
    const path = join(directory.path, 'results.ndjson');
    writeFileSync(path, '');
    const stop = new AbortController();
    const printed: string[] = [];
    return {
      path,
      printed,
      stop,
      say: (line: object) => {
        appendFileSync(path, `${JSON.stringify(line)}\n`);
      },
      summary: readResults(path, stop.signal, line => printed.push(line)),
    };
  }

  it('are printed and counted until the suite has ended', async () => {
    const { say, summary, printed } = start();
    say({ event: 'pass', title: 'signs in', ms: 12 });
    say({ event: 'fail', title: 'signs out', message: 'first\nsecond' });
    say({ event: 'pending', title: 'on the desktop' });
    say({ event: 'end' });
    assert.deepEqual(await summary, { passed: 1, failed: 1, skipped: 1 });
    assert.deepEqual(printed, [
      '  ✔ signs in (12 ms)',
      '  ✘ signs out\n      first\n      second',
      '  - on the desktop',
    ]);
  });

  it('name the process that the suite runs in, once it has begun', async () => {
    const { path, say, summary, printed } = start();
    assert.equal(readPid(path), undefined);
    say({ event: 'begin', pid: 12 });
    assert.equal(readPid(path), 12);
    say({ event: 'end' });
    assert.deepEqual(await summary, { passed: 0, failed: 0, skipped: 0 });
    assert.deepEqual(printed, []);
  });

  it('end with a crash, which has failed', async () => {
    const { say, summary } = start();
    say({ event: 'crash', title: 'The suite could not run.' });
    assert.deepEqual(await summary, { passed: 0, failed: 1, skipped: 0 });
  });

  it('end where the suite is stopped, which has failed', async () => {
    const { summary, stop, printed } = start();
    stop.abort();
    assert.deepEqual(await summary, { passed: 0, failed: 1, skipped: 0 });
    assert.deepEqual(printed, ['  ✘ The suite was stopped before its end.']);
  });
});
