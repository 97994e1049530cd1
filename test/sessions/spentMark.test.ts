import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { spentMark } from '../../src/sessions/spentMark.ts';
import { memoryLog, useDirectory } from '../auth/fixtures.ts';

describe('the mark of a spent refresh token', () => {
  const directory = useDirectory();
  const open = (name = 'renew') => spentMark(directory.path, name, memoryLog());
  // No time passes, however slow the machine.
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
  });
  afterEach(() => {
    mock.timers.reset();
  });
  const file = () => join(directory.path, readdirSync(directory.path)[0]!);

  it('is seen by every process, for that token and that account only', async () => {
    assert.equal(await open().isRecent('secret'), false);
    await open().set('secret');
    assert.equal(await open().isRecent('secret'), true);
    assert.equal(await open().isRecent('another'), false);
    assert.equal(await open('renew another').isRecent('secret'), false);
  });

  it('counts for each of many that were spent in a row, and taking the last back leaves the others', async () => {
    const many = Array.from({ length: 20 }, (_none, index) => `secret ${String(index)}`);
    for (const token of many) await open().set(token);
    for (const token of many) assert.equal(await open().isRecent(token), true);
    await open().clear();
    assert.equal(await open().isRecent('secret 19'), false);
    assert.equal(await open().isRecent('secret 18'), true);
    mock.timers.tick(60_000);
    await open().set('another');
    assert.equal(await open().isRecent('secret 18'), false);
  });

  it('can be taken back, also where there is none', async () => {
    await open().set('secret');
    await open().clear();
    await open().clear();
    assert.equal(await open().isRecent('secret'), false);
  });

  it('holds no token, and only its owner can read it', async () => {
    await open().set('secret');
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /secret/);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it('counts for seconds: neither one of long ago nor one of the future delays a renewal', async () => {
    await open().set('secret');
    const mark = JSON.parse(readFileSync(file(), 'utf8')) as { at: number };
    for (const at of [mark.at - 60_000, mark.at + 300_000]) {
      writeFileSync(file(), JSON.stringify({ ...mark, at }));
      assert.equal(await open().isRecent('secret'), false);
    }
  });

  it('that cannot be read counts as none', async () => {
    await open().set('secret');
    for (const text of ['', '{', '{"at":1}', 'null']) {
      writeFileSync(file(), text);
      assert.equal(await open().isRecent('secret'), false);
    }
  });

  it('that cannot be written is an error, before the token is spent', async () => {
    const nowhere = spentMark(join(directory.path, 'missing'), 'renew', memoryLog());
    await assert.rejects(nowhere.set('secret'), error => isOmnispindleError(error, 'storage_failed'));
  });
});
