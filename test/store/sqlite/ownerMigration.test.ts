import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultTenant, issuerOf } from '../../../src/auth/tenant.ts';
import { countRows } from '../../../src/store/sqlite/countRows.ts';
import { claimGivenRows, rowsGivenToDefault } from '../../../src/store/sqlite/givenRows.ts';
import { schemaVersion } from '../../../src/store/sqlite/schemaVersion.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { memoryLog, useDirectory } from '../../auth/fixtures.ts';
import { countsOf, ownerOf, writeFirstRelease, writeSecondVersion } from '../fixtures.ts';

const page = { limit: 1_000, offset: 0 };
const theDefault = issuerOf(defaultTenant);
const one = 'https://one.example/';
const allOfOne = { todos: 1, found: 1, logs: 1, lessons: 1 };
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

describe('a database from before owners had numbers', () => {
  const directory = useDirectory();

  it('is brought up to date with all that is in it, found by its words and counted by its projects', async () => {
    writeSecondVersion(directory.path, ['ada', 'eve'], one);
    const store = await openSqliteStore(directory.path);
    for (const sub of ['ada', 'eve']) {
      const owner = ownerOf(sub, one);
      assert.deepEqual(await countsOf(store, owner), allOfOne);
      assert.deepEqual((await store.of(owner).listProjects(page)).items, [
        { project: 'wool', todos: 1, open: 1 },
      ]);
      assert.equal((await store.of(owner).searchTodos(`wool spi`, page)).total, 1);
      assert.equal((await store.of(owner).searchLessons('quote it', page)).total, 1);
      assert.deepEqual((await store.of(owner).getTodo(`todo of ${sub}`))?.metadata, { old: true });
    }
    await store.close();
  });

  it('tells what it has without being brought up to date, and what of it may be claimed', () => {
    const path = writeSecondVersion(directory.path, ['ada'], theDefault);
    const database = new DatabaseSync(path);
    database.exec(`INSERT INTO given_to_default VALUES ('ada', '${theDefault}', '2026-06-01')`);
    database.close();
    assert.deepEqual(countRows(path), { todos: 1, lessons: 1 });
    assert.deepEqual(rowsGivenToDefault(path), [{ sub: 'ada', issuer: theDefault, todos: 1, lessons: 1 }]);
    assert.equal(schemaVersion(path), 2);
    claimGivenRows(path, ownerOf('ada', one));
    assert.deepEqual(countRows(path), { todos: 1, lessons: 1 });
    assert.deepEqual(rowsGivenToDefault(path), []);
  });

  it('is as it was where the process that brings it up to date is killed, and then is brought up to date', async () => {
    const path = writeSecondVersion(directory.path, ['ada'], one);
    const database = new DatabaseSync(path);
    database.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO todos (id, issuer, sub, description, project, priority, status, target_agent, ticket,
        created_at, updated_at, tags, notes, comment, metadata)
      SELECT i, issuer, sub, 'Weave ' || i, project, priority, status, '', '', created_at, updated_at, tags, '', '', '{}'
      FROM todos, n`);
    database.close();
    const writer = fork(join(import.meta.dirname, 'writer.ts'), [directory.path, '1']);
    const ended = once(writer, 'exit');
    // Pages of the migration are in the log before it is committed.
    while (writer.exitCode === null && sizeOf(`${path}-wal`) < 1_000_000) await delay(1);
    writer.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.equal(schemaVersion(path), 2);
    const log = memoryLog();
    const store = await openSqliteStore(directory.path, { log });
    assert.deepEqual(
      log.lines.filter(line => line.includes('brought up to date')),
      [
        'The todo database of an older Omnispindle is brought up to date, once: 20002 todos and lessons. It may take 5 seconds.',
      ],
    );
    const ada = store.of(ownerOf('ada', one));
    assert.equal((await ada.searchTodos('weave 20000', page)).total, 1);
    assert.deepEqual((await ada.listProjects(page)).items, [
      { project: 'wool', todos: 20_001, open: 20_001 },
    ]);
    await store.close();
  });
});

describe('what was given to the default tenant', () => {
  const directory = useDirectory();

  it('is its owner’s once they have claimed it, and found by its words, and what was written since is not', async () => {
    const path = writeFirstRelease(directory.path, ['ada']);
    const store = await openSqliteStore(directory.path);
    await store.of(ownerOf('ada', theDefault)).addTodo({ description: 'Spin later', project: 'wool' });
    await store.close();
    claimGivenRows(path, ownerOf('ada', one));
    const claimed = await openSqliteStore(directory.path);
    assert.deepEqual(await countsOf(claimed, ownerOf('ada', one)), allOfOne);
    assert.deepEqual(await countsOf(claimed, ownerOf('ada', theDefault)), { ...allOfOne, lessons: 0 });
    for (const issuer of [one, theDefault]) {
      const mine = claimed.of(ownerOf('ada', issuer));
      assert.deepEqual((await mine.listProjects(page)).items, [{ project: 'wool', todos: 1, open: 1 }]);
      assert.equal((await mine.searchLessons('quote', page)).total, issuer === one ? 1 : 0);
    }
    await claimed.close();
  });
});
