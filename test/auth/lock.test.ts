import assert from 'node:assert/strict';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../src/auth/lock.ts';
import { memoryLog, temporaryDirectory } from './fixtures.ts';

describe('the lock', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(() => {
    directory = temporaryDirectory();
  });
  afterEach(() => {
    directory.remove();
  });

  const attempt = (name: string) => tryLock(directory.path, name, memoryLog());

  it('is given to one at a time', async () => {
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
      await Promise.all(attempts.map(release => release?.()));
    }
  });
});
