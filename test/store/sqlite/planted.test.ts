import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { memoryLog, useDirectory } from '../../auth/fixtures.ts';
import { plantedDirectories, plantedFiles } from '../../platform/plants.ts';
import { itNeeds } from '../../needs.ts';

describe('[T7] the database', () => {
  const given = useDirectory();
  const directory = () => join(given.path, 'data');
  const path = () => join(directory(), 'omnispindle.db');

  /** A database with somebody's rows, and what SQLite keeps beside it, as a crash leaves it. */
  function makeDatabase(): DatabaseSync {
    mkdirSync(directory(), { mode: 0o700 });
    const database = new DatabaseSync(path());
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE planted (a TEXT); INSERT INTO planted VALUES (1)');
    for (const suffix of ['', '-wal', '-shm']) chmodSync(path() + suffix, 0o600);
    return database;
  }

  const refuses = (says: RegExp) =>
    assert.rejects(
      openSqliteStore(directory()),
      error => error instanceof StoreError && error.code === 'unavailable' && says.test(error.message),
    );

  for (const [name, { plant, says, needs }] of Object.entries(plantedDirectories)) {
    itNeeds(needs, `is not opened, and not made, where ${name} is in place of its directory`, async () => {
      plant(directory());
      await refuses(says);
      assert.equal(existsSync(path()), false);
    });
  }

  for (const suffix of ['', '-wal', '-shm']) {
    for (const [name, { plant, says, needs }] of Object.entries(plantedFiles).filter(
      ([name]) => name !== 'a file without end',
    )) {
      itNeeds(needs, `is not opened where ${name} is in place of omnispindle.db${suffix}`, async () => {
        const database = makeDatabase();
        plant(path() + suffix);
        const before = lstatSync(path() + suffix);
        await refuses(says);
        const after = lstatSync(path() + suffix);
        assert.deepEqual([after.uid, after.mode, after.mtimeMs], [before.uid, before.mode, before.mtimeMs]);
        database.close();
      });
    }
  }

  it('that others could read is closed to them, with what is beside it, and that is said', async () => {
    const database = makeDatabase();
    for (const suffix of ['', '-wal', '-shm']) chmodSync(path() + suffix, 0o644);
    chmodSync(directory(), 0o755);
    const log = memoryLog();
    const store = await openSqliteStore(directory(), { log });
    for (const closed of [directory(), path(), `${path()}-wal`, `${path()}-shm`]) {
      assert.equal(statSync(closed).mode & 0o077, 0, closed);
      assert.ok(log.lines.includes(`${closed} could be read by other users; it is now only yours.`), closed);
    }
    await store.close();
    database.close();
  });

  it('is not believed where its directory was open to all, whatever is in it', async () => {
    mkdirSync(directory());
    chmodSync(directory(), 0o777);
    writeFileSync(path(), '');
    await refuses(/can write into .*chmod 700 /s);
    assert.equal(statSync(path()).size, 0);
  });
});
