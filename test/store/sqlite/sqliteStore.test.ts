import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { temporaryDirectory, useDirectory } from '../../auth/fixtures.ts';
import { ownerOf } from '../fixtures.ts';

const page = { limit: 1_000, offset: 0 };

describe('the embedded store', () => {
  const directory = useDirectory();

  it('keeps its file for its owner only, and what is in it across restarts', async () => {
    const first = await openSqliteStore(join(directory.path, 'data'));
    const { id } = await first.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    await first.close();
    const path = join(directory.path, 'data', 'omnispindle.db');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory.path, 'data')).mode & 0o777, 0o700);
    const second = await openSqliteStore(join(directory.path, 'data'));
    assert.equal((await second.of(ownerOf('ada')).getTodo(id))?.description, 'Spin');
    assert.equal(await second.of(ownerOf('eve')).getTodo(id), undefined);
    await second.close();
  });

  it('loses nothing when several processes begin and write at once', async () => {
    const processes = 6;
    const each = 40;
    await Promise.all(
      Array.from(
        { length: processes },
        () =>
          new Promise<void>((resolve, reject) => {
            const child = fork(join(import.meta.dirname, 'writer.ts'), [directory.path, String(each)]);
            child.once('exit', code => {
              if (code === 0) resolve();
              else reject(new Error(`A writer ended with ${String(code)}.`));
            });
          }),
      ),
    );
    const store = await openSqliteStore(directory.path);
    assert.equal((await store.of(ownerOf('ada')).queryTodos({}, page)).total, processes * each);
    assert.equal((await store.of(ownerOf('ada')).queryLogs({}, page)).total, processes * each);
    await store.close();
  });

  it('takes no name of a field into a statement that it does not know', async () => {
    const store = await openSqliteStore(directory.path);
    const filter: object = { 'project = project OR project': 'x' };
    await assert.rejects(store.of(ownerOf('ada')).queryTodos(filter, page), /todo has no project = project/);
    await store.close();
  });

  it('says what to do where the file is damaged or from a newer version, and leaves it', async () => {
    const path = join(directory.path, 'omnispindle.db');
    writeFileSync(path, 'This is no database, but somebody’s precious text. '.repeat(100));
    await assert.rejects(
      openSqliteStore(directory.path),
      error => error instanceof StoreError && error.message.includes(path),
    );
    assert.ok(statSync(path).size > 1_000);
    const other = temporaryDirectory();
    await (await openSqliteStore(other.path)).close();
    const database = new DatabaseSync(join(other.path, 'omnispindle.db'));
    database.exec('PRAGMA user_version = 999');
    database.close();
    await assert.rejects(openSqliteStore(other.path), /newer Omnispindle/);
    other.remove();
  });
});
