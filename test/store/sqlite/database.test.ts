import assert from 'node:assert/strict';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase, type Database } from '../../../src/store/sqlite/database.ts';
import { migrations } from '../../../src/store/sqlite/migrations.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import type { Listing, Page } from '../../../src/store/listing.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { useDirectory } from '../../auth/fixtures.ts';
import { ownerOf } from '../fixtures.ts';

const page = { limit: 1_000, offset: 0 };
const pageSize = 4_096;

function storeError(code: StoreError['code'], message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof StoreError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

describe('the database', () => {
  const directory = useDirectory();
  let path: string;
  beforeEach(() => {
    path = join(directory.path, 'omnispindle.db');
  });

  it('keeps the files beside it for its owner only, too', async () => {
    const store = await openSqliteStore(directory.path);
    await store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
    }
    await store.close();
  });

  it('says that the disk is full where it is, keeps what is there, and goes on when there is room', () => {
    const database = openDatabase(path);
    const add = (text: string) => {
      database.transaction(() =>
        database.run(
          `INSERT INTO log_entry (owner, todo_id, operation, at, project, changes) VALUES (1, 'b', 'c', 'd', 'e', ?)`,
          text,
        ),
      );
    };
    add('kept');
    const used = Number(database.get('PRAGMA page_count')?.['page_count']);
    database.get(`PRAGMA max_page_count = ${String(used + 1)}`);
    assert.throws(
      () => {
        add('x'.repeat(100_000));
      },
      storeError('unavailable', /full.*free space/s),
    );
    assert.deepEqual(changes(database), ['kept']);
    database.get('PRAGMA max_page_count = 100000');
    add('later');
    assert.deepEqual(changes(database), ['kept', 'later']);
    database.close();
  });

  it('says that another process holds it where one does, and changes nothing', async () => {
    const store = await openSqliteStore(directory.path, { busyTimeout: 50 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const add = () => store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    await assert.rejects(add(), storeError('busy', /Another process.*try again/));
    other.exec('COMMIT');
    other.close();
    await add();
    assert.equal((await store.of(ownerOf('ada')).queryTodos({}, page)).total, 1);
    await store.close();
  });

  it('says what to do where damage is found only in use', async () => {
    const store = await openSqliteStore(directory.path);
    for (let i = 0; i < 300; i++) {
      await store.of(ownerOf('ada')).addTodo({ description: 'x'.repeat(500), project: 'wool' });
    }
    await store.close();
    const file = openSync(path, 'r+');
    for (let at = 40 * pageSize; at < statSync(path).size; at += pageSize) {
      writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, at);
    }
    closeSync(file);
    const damaged = await openSqliteStore(directory.path);
    await assert.rejects(
      damaged.of(ownerOf('ada')).queryTodos({}, page),
      storeError('unavailable', /malformed.*move it away/s),
    );
    await damaged.close();
  });

  it('brings a file from before the first migration up to date', async () => {
    const older = new DatabaseSync(path);
    older.exec('CREATE TABLE unrelated (kept TEXT); INSERT INTO unrelated VALUES (1)');
    older.close();
    const store = await openSqliteStore(directory.path);
    await store.of(ownerOf('ada')).addTodo({ description: 'Spin', project: 'wool' });
    await store.close();
    const now = new DatabaseSync(path);
    assert.equal(now.prepare('PRAGMA user_version').get()?.['user_version'], migrations.length);
    assert.equal(now.prepare('SELECT kept FROM unrelated').get()?.['kept'], '1');
    now.close();
  });

  it('says which Node.js has SQLite where this one has none', () => {
    const { getBuiltinModule } = process;
    process.getBuiltinModule = () => undefined;
    try {
      assert.throws(
        () => openDatabase(path),
        storeError('unavailable', /no SQLite.*Use Node\.js 22\.19 or newer from/),
      );
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });

  it('leaves other warnings alone', () => {
    const { emitWarning } = process;
    openDatabase(path).close();
    assert.equal(process.emitWarning, emitWarning);
  });

  it('does not look for a ticket by the empty text, which most todos have, where there is more to go by', async () => {
    const store = await openSqliteStore(directory.path);
    const { prepare } = DatabaseSync.prototype;
    const asked: string[] = [];
    DatabaseSync.prototype.prepare = function (sql) {
      asked.push(...(/INDEXED BY (\w+)/.exec(sql)?.slice(1) ?? []));
      return prepare.call(this, sql);
    };
    try {
      await store.of(ownerOf('ada')).queryTodos({ ticket: '', target_agent: '', project: 'wool' }, page);
      await store.of(ownerOf('ada')).queryTodos({ ticket: '' }, page);
    } finally {
      DatabaseSync.prototype.prepare = prepare;
    }
    assert.deepEqual([...new Set(asked)], ['todo_by_project_time', 'todo_by_ticket_time']);
    await store.close();
  });

  it('answers every list and search of the store by an index, whatever the filter', async () => {
    const asked = new Map<string, number>();
    const store = await openSqliteStore(directory.path);
    const { prepare } = DatabaseSync.prototype;
    DatabaseSync.prototype.prepare = function (sql) {
      if (sql.startsWith('SELECT') && !sql.includes('temp.')) asked.set(sql, sql.split('?').length - 1);
      return prepare.call(this, sql);
    };
    try {
      const ada = store.of(ownerOf('ada'));
      const since = new Date().toISOString();
      const lesson = { language: 'a', topic: 'a', lesson_learned: 'a', tags: [] };
      for (let i = 0; i < 2; i++) {
        await ada.addTodo({ description: 'a', project: `a${String(i)}` });
        await ada.addLesson(lesson);
      }
      const lists: ((page: Page) => Promise<Listing<unknown>>)[] = [
        at => ada.queryTodos({}, at),
        at => ada.queryTodos({ status: 'pending', priority: 'Medium', since }, at),
        at => ada.queryTodos({ target_agent: '' }, at),
        at => ada.queryLogs({ since }, at),
        at => ada.listLessons({ language: 'a', topic: 'a' }, at),
        at => ada.listProjects(at),
        at => ada.searchTodos('a', at),
        at => ada.searchLessons('a', at),
      ];
      for (const list of lists) {
        const { nextCursor } = await list({ limit: 1, offset: 0 });
        assert.ok(nextCursor);
        assert.equal((await list({ limit: 1, offset: 0, cursor: nextCursor })).items.length, 1);
      }
      const filters = [
        {},
        { project: 'a' },
        { status: 'review' },
        { priority: 'Low' },
        { ticket: 'a' },
      ] as const;
      for (const filter of filters) {
        await ada.queryTodos(filter, page);
        await ada.queryTodos({ ...filter, since }, page);
      }
      await ada.queryTodos({ project: 'a', status: 'review', target_agent: 'a', since }, page);
      for (const filter of [{}, { todo_id: 'a' }, { project: 'a' }]) {
        await ada.queryLogs({ ...filter, since }, page);
      }
      for (const filter of [{}, { language: 'a' }, { topic: 'a' }, { language: 'a', topic: 'a' }]) {
        await ada.listLessons(filter, page);
      }
      await store.close();
    } finally {
      DatabaseSync.prototype.prepare = prepare;
    }
    const database = new DatabaseSync(path);
    assert.ok(asked.size > 30);
    for (const [sql, values] of asked) {
      const plan = database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: values }, () => 'a'))
        .map(row => String(row['detail']));
      for (const step of plan) {
        assert.match(step, /^SEARCH|VIRTUAL TABLE INDEX|subquery/, `${sql}\n${plan.join('\n')}`);
      }
    }
    database.close();
  });
});

function changes(database: Database): unknown[] {
  return database.all('SELECT changes FROM log_entry ORDER BY seq').map(row => row['changes']);
}
