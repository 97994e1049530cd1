import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { tryLock, withLock } from '../../src/platform/lock.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';

describe('the lock', () => {
  const directory = useDirectory();

  /** The least (ms) that the library takes, so that no test waits for longer. */
  const staleAfter = 2_000;
  const attempt = (name: string) => tryLock(directory.path, name, memoryLog(), staleAfter);

  it('is given to one process at a time', async () => {
    const release = await attempt('work');
    assert.ok(release);
    assert.equal(await attempt('work'), undefined);
    await release();
    assert.ok(await attempt('work'));
  });

  it('of a killed holder is given to exactly one of those who wait', async () => {
    for (let round = 0; round < 100; round++) {
      const name = `work-${String(round)}`;
      const abandoned = join(directory.path, `${name}.lock`);
      mkdirSync(abandoned);
      utimesSync(abandoned, 0, 0);
      const attempts = await Promise.all(Array.from({ length: 10 }, () => attempt(name)));
      assert.equal(attempts.filter(release => release !== undefined).length, 1);
      assert.equal(await attempt(name), undefined);
      await Promise.all(attempts.map(async release => release?.()));
    }
  });

  it('is waited for, and given back when the work fails', async () => {
    const order: string[] = [];
    const end = Promise.withResolvers<undefined>();
    const first = withLock(directory.path, 'work', memoryLog(), () => {
      order.push('first begins');
      return end.promise;
    });
    while (order.length === 0) await delay(5);
    const second = withLock(directory.path, 'work', memoryLog(), () => {
      order.push('second');
      return Promise.resolve('result');
    });
    await withLock(directory.path, 'other work', memoryLog(), () => {
      order.push('other');
      return Promise.resolve();
    });
    order.push('first fails');
    end.reject(new Error('A fault.'));
    await assert.rejects(first, /A fault/);
    assert.equal(await second, 'result');
    assert.deepEqual(order, ['first begins', 'other', 'first fails', 'second']);
  });

  it('is waited for no longer than the caller wants', async () => {
    const release = await attempt('work');
    const stop = new AbortController();
    const waiting = withLock(directory.path, 'work', memoryLog(), () => Promise.resolve(), stop.signal);
    stop.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await release?.();
    assert.ok(await attempt('work'));
  });

  it('of a process that is killed goes to another within seconds, and not before', async () => {
    const child = fork(join(import.meta.dirname, '..', 'sessions', 'worker.ts'), [directory.path, 'work']);
    await once(child, 'message');
    assert.equal(await attempt('work'), undefined);
    child.kill('SIGKILL');
    assert.equal(await attempt('work'), undefined);
    while (!(await attempt('work'))) await delay(50);
  });

  it('of a holder that was killed before the clock was set back is given to exactly one', async () => {
    const abandoned = join(directory.path, 'work.lock');
    mkdirSync(abandoned);
    const anHourAhead = Date.now() / 1000 + 3_600;
    utimesSync(abandoned, anHourAhead, anHourAhead);
    const attempts = await Promise.all(Array.from({ length: 10 }, () => attempt('work')));
    assert.equal(attempts.filter(release => release !== undefined).length, 1);
    assert.equal(await attempt('work'), undefined);
  });

  for (const [name, shift] of [
    ['', 0],
    [', and whose clock is ahead', 3_600_000],
  ] as const) {
    it(`stays with a holder that works for longer than a killed one would keep it${name}`, async () => {
      const child = fork(join(import.meta.dirname, '..', 'sessions', 'worker.ts'), [directory.path, 'work'], {
        execArgv: ['--import', join(import.meta.dirname, '..', 'tenant', 'shiftedClock.ts')],
        env: { ...process.env, TENANT_CLOCK_SHIFT: String(shift) },
      });
      await once(child, 'message');
      for (const end = Date.now() + 1.5 * staleAfter; Date.now() < end; await delay(100)) {
        assert.equal(await attempt('work'), undefined);
      }
      child.kill('SIGKILL');
    });
  }

  it('is not given where it cannot be kept, with an error that says what to do', async () => {
    await assert.rejects(
      tryLock(import.meta.filename, 'work', memoryLog()),
      error => isOmnispindleError(error, 'storage_failed') && error.message.includes('OMNISPINDLE_DATA_DIR'),
    );
  });
});
