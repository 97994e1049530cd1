import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noLog } from '../../src/common/log.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { directoryLogKey } from '../../src/terminal/logKey.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { itNeeds } from '../needs.ts';

describe('the key by which a log calls accounts, of a server with a data directory', () => {
  const temporary = temporaryDirectory();
  after(() => temporary.remove());
  const directory = (name: string) => join(temporary.path, name);

  it('is the same after each start, and another one elsewhere', async () => {
    const first = await directoryLogKey(directory('a'), noLog);
    assert.equal(first.length, 32);
    assert.deepEqual(await directoryLogKey(directory('a'), noLog), first);
    assert.notDeepEqual(await directoryLogKey(directory('b'), noLog), first);
  });

  itNeeds(['a POSIX system'], 'is for its owner alone, and read through no link', async () => {
    await directoryLogKey(directory('c'), noLog);
    assert.equal(statSync(directory('c/log-key')).mode & 0o777, 0o600);
    mkdirSync(directory('d'), { mode: 0o700 });
    writeFileSync(directory('theirs'), 'ab'.repeat(32));
    symlinkSync(directory('theirs'), directory('d/log-key'));
    await assert.rejects(directoryLogKey(directory('d'), noLog), error =>
      isOmnispindleError(error, 'storage_failed'),
    );
  });

  it('is made again where its file holds none', async () => {
    mkdirSync(directory('e'), { mode: 0o700 });
    writeFileSync(directory('e/log-key'), 'nonsense', { mode: 0o600 });
    const made = await directoryLogKey(directory('e'), noLog);
    assert.equal(readFileSync(directory('e/log-key'), 'utf8'), `${made.toString('hex')}\n`);
  });

  it('is not made up where it cannot be kept', async () => {
    writeFileSync(directory('file'), '');
    await assert.rejects(directoryLogKey(directory('file/below'), noLog), error =>
      isOmnispindleError(error, 'storage_failed'),
    );
  });
});
