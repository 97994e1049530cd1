import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { openSqliteStore } from '../../src/store/sqliteStore.ts';
import { StoreError } from '../../src/store/store.ts';
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';

const page = { limit: 1_000, offset: 0 };

describe('the embedded store', () => {
  const directory = useDirectory();

  it('keeps its file for its owner only, and what is in it across restarts', async () => {
    const first = await openSqliteStore(join(directory.path, 'data'));
    const { id } = await first.of('ada').addTodo({ description: 'Spin', project: 'wool' });
    await first.close();
    const path = join(directory.path, 'data', 'omnispindle.db');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory.path, 'data')).mode & 0o777, 0o700);
    const second = await openSqliteStore(join(directory.path, 'data'));
    assert.equal((await second.of('ada').getTodo(id))?.description, 'Spin');
    assert.equal(await second.of('eve').getTodo(id), undefined);
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
    assert.equal((await store.of('ada').queryTodos({}, page)).total, processes * each);
    assert.equal((await store.of('ada').queryLogs({}, page)).total, processes * each);
    await store.close();
  });

  it('finds words whatever is typed, and never takes them for syntax', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of('ada');
    await ada.addTodo({ description: 'Wind the "blue" bobbin AND rest', project: 'wool' });
    assert.equal((await ada.searchTodos('"blue" bob', page)).total, 1);
    await ada.addTodo({ description: 'Send the résumé', project: 'work' });
    assert.equal((await ada.searchTodos('résumé'.normalize('NFD'), page)).total, 1);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async words => {
        try {
          await ada.searchTodos(words, page);
        } catch (error) {
          assert.ok(error instanceof StoreError && error.code === 'invalid_query', String(error));
        }
      }),
      { numRuns: 500 },
    );
    await store.close();
  });

  it('uses an index for every list', async () => {
    const store = await openSqliteStore(directory.path);
    await store.close();
    const database = new DatabaseSync(join(directory.path, 'omnispindle.db'));
    for (const [table, condition, order] of [
      ['todos', '', 'updated_at'],
      ['todos', 'AND status = ?', 'updated_at'],
      ['todos', 'AND project = ?', 'updated_at'],
      ['logs', '', 'at'],
      ['logs', 'AND todo_id = ?', 'at'],
      ['logs', 'AND project = ?', 'at'],
      ['lessons', '', 'updated_at'],
      ['lessons', 'AND language = ?', 'updated_at'],
      ['lessons', 'AND topic = ?', 'updated_at'],
    ] as const) {
      const sql = `EXPLAIN QUERY PLAN SELECT * FROM ${table} WHERE sub = ? ${condition} ORDER BY ${order} DESC, seq DESC LIMIT 10`;
      const plan = database
        .prepare(sql)
        .all(...(condition ? ['a', 'b'] : ['a']))
        .map(row => String(row['detail']))
        .join('; ');
      assert.match(plan, /USING INDEX/, sql);
      assert.doesNotMatch(plan, /TEMP B-TREE/, sql);
    }
    database.close();
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
