import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defaultTenant, issuerOf } from '../../../src/auth/tenant.ts';
import { rowsGivenToDefault } from '../../../src/store/sqlite/givenRows.ts';
import { schemaVersion } from '../../../src/store/sqlite/schemaVersion.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { useDirectory } from '../../auth/fixtures.ts';
import { countsOf, databaseIn, ownerOf, writeFirstRelease, writeSecondVersion } from '../fixtures.ts';

const page = { limit: 1_000, offset: 0 };
const theDefault = issuerOf(defaultTenant);
const [one, other] = ['https://one.example/', 'https://other.example/'];

const allOfOne = { todos: 1, found: 1, logs: 1, lessons: 1 };
const nothing = { todos: 0, found: 0, logs: 0, lessons: 0 };

describe('what a person owns', () => {
  const directory = useDirectory();

  it('[T4] is not seen, changed or deleted by the person with the same sub at another tenant', async () => {
    const store = await openSqliteStore(directory.path);
    const [ada, stranger] = [store.of(ownerOf('auth0|ada', one)), store.of(ownerOf('auth0|ada', other))];
    const todo = await ada.addTodo({ description: 'Spin', project: 'wool' });
    const lesson = await ada.addLesson({ language: 'SQL', topic: 'FTS5', lesson_learned: 'x', tags: [] });
    assert.equal(await stranger.getTodo(todo.id), undefined);
    assert.equal(await stranger.updateTodo(todo.id, { notes: 'mine' }), undefined);
    assert.equal(await stranger.completeTodo(todo.id, 'mine'), undefined);
    assert.equal(await stranger.deleteTodo(todo.id), false);
    assert.equal(await stranger.getLesson(lesson.id), undefined);
    assert.equal(await stranger.updateLesson(lesson.id, { topic: 'mine' }), undefined);
    assert.equal(await stranger.deleteLesson(lesson.id), false);
    assert.deepEqual(await countsOf(store, ownerOf('auth0|ada', other)), nothing);
    assert.equal((await stranger.searchLessons('fts5', page)).total, 0);
    assert.equal((await stranger.listProjects(page)).total, 0);
    for await (const { id } of stranger.eachLesson()) assert.fail(id);
    assert.deepEqual(await ada.getTodo(todo.id), todo);
    assert.deepEqual(await ada.getLesson(lesson.id), lesson);
    await store.close();
  });

  it('[T4] from before tenants were told apart goes to the kept session’s, else to the default tenant’s', async () => {
    const subs = ['known', 'unknown', 'twice', 'quoted " ; \' %'];
    const path = writeFirstRelease(directory.path, subs);
    const kept: Record<string, string[]> = {
      known: [one],
      twice: [one, other],
      'quoted " ; \' %': [other, other],
    };
    const store = await openSqliteStore(directory.path, {
      findIssuers: () => Promise.resolve(sub => kept[sub] ?? []),
    });
    assert.deepEqual(await countsOf(store, ownerOf('known', one)), allOfOne);
    assert.deepEqual(await countsOf(store, ownerOf('known', theDefault)), nothing);
    assert.deepEqual(await countsOf(store, ownerOf('unknown', theDefault)), allOfOne);
    assert.deepEqual(await countsOf(store, ownerOf('twice', theDefault)), allOfOne);
    assert.deepEqual(await countsOf(store, ownerOf('twice', one)), nothing);
    assert.deepEqual(await countsOf(store, ownerOf('quoted " ; \' %', other)), allOfOne);
    const todo = await store.of(ownerOf('known', one)).getTodo('todo of known');
    assert.deepEqual(todo?.metadata, { old: true });
    await store.close();
    const now = new DatabaseSync(path);
    now.exec("INSERT INTO todo_tokens (todo_tokens) VALUES ('integrity-check')");
    now.exec("INSERT INTO lesson_tokens (lesson_tokens) VALUES ('integrity-check')");
    now.close();
    assert.deepEqual(
      rowsGivenToDefault(path).map(({ sub, todos, lessons }) => ({ sub, todos, lessons })),
      [
        { sub: 'twice', todos: 1, lessons: 1 },
        { sub: 'unknown', todos: 1, lessons: 1 },
      ],
    );
  });

  it('[T4] is looked up once: not for a new database, and not again', async () => {
    let lookedUp = 0;
    const findIssuers = () => {
      lookedUp++;
      return Promise.resolve(() => [one]);
    };
    const fresh = join(directory.path, 'new');
    for (let i = 0; i < 2; i++) await (await openSqliteStore(fresh, { findIssuers })).close();
    assert.equal(lookedUp, 0);
    writeFirstRelease(directory.path, ['ada']);
    for (let i = 0; i < 2; i++) await (await openSqliteStore(directory.path, { findIssuers })).close();
    assert.equal(lookedUp, 1);
  });

  it('[T4] loses nothing when several processes bring the database up to date at once', async () => {
    writeFirstRelease(directory.path, ['ada', 'eve']);
    const [processes, each] = [5, 10];
    await Promise.all(
      Array.from({ length: processes }, async () => {
        const writer = fork(join(import.meta.dirname, 'writer.ts'), [directory.path, String(each)]);
        const [code] = (await once(writer, 'exit')) as [number | null];
        assert.equal(code, 0);
      }),
    );
    const store = await openSqliteStore(directory.path);
    assert.deepEqual(await countsOf(store, ownerOf('ada', theDefault)), allOfOne);
    assert.deepEqual(await countsOf(store, ownerOf('eve', theDefault)), allOfOne);
    assert.equal((await store.of(ownerOf('ada')).queryTodos({}, page)).total, processes * each);
    await store.close();
  });

  it('[T4] stays as it was where it cannot be brought up to date', async () => {
    const path = writeFirstRelease(directory.path, ['ada']);
    await assert.rejects(
      openSqliteStore(directory.path, {
        findIssuers: () =>
          Promise.resolve(() => {
            throw new Error('No room.');
          }),
      }),
      StoreError,
    );
    assert.equal(schemaVersion(path), 1);
    const store = await openSqliteStore(directory.path);
    assert.deepEqual(await countsOf(store, ownerOf('ada', theDefault)), allOfOne);
    await store.close();
  });
});

describe('a database of a newer version', () => {
  const directory = useDirectory();
  const files = () =>
    readdirSync(directory.path).map(name => {
      const path = join(directory.path, name);
      return [name, statSync(path).mode, statSync(path).mtimeMs, readFileSync(path, 'base64')];
    });

  async function isRefusedUntouched(): Promise<void> {
    const before = files();
    await assert.rejects(
      openSqliteStore(directory.path),
      error =>
        error instanceof StoreError &&
        error.code === 'unavailable' &&
        error.message.endsWith(': npx -y omnispindle@latest init'),
    );
    assert.deepEqual(files(), before);
  }

  for (const mode of ['WAL', 'DELETE']) {
    it(`[T4] [T8] in ${mode} mode is not touched, and the error says the one command that helps`, async () => {
      const database = new DatabaseSync(databaseIn(directory.path));
      database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE later (x); PRAGMA user_version = 999`);
      database.close();
      chmodSync(databaseIn(directory.path), 0o644);
      await isRefusedUntouched();
    });
  }

  it('[T4] [T8] is known by its log, too, while the newer copy is at work', async () => {
    await (await openSqliteStore(directory.path)).close();
    const newer = new DatabaseSync(databaseIn(directory.path));
    newer.exec('PRAGMA wal_autocheckpoint = 0; CREATE TABLE later (x); PRAGMA user_version = 999');
    newer.exec('INSERT INTO later VALUES (1)');
    await isRefusedUntouched();
    newer.close();
  });

  for (const [version, write] of Object.entries({ 1: writeFirstRelease, 2: writeSecondVersion })) {
    it(`[T4] [T8] tells a copy of version ${version} that still runs to update, and takes no row from it`, async () => {
      write(directory.path, ['ada']);
      const old = new DatabaseSync(databaseIn(directory.path));
      await (await openSqliteStore(directory.path)).close();
      const owner = version === '1' ? 'sub' : 'issuer, sub';
      for (const sql of [
        `INSERT INTO logs (${owner}, todo_id) SELECT ${owner}, id FROM todos`,
        `INSERT INTO lessons (${owner}, id) VALUES ('a', 'b')`,
        `UPDATE todos SET status = 'review' WHERE id = 'x'`,
        `DELETE FROM lessons WHERE sub = 'ada'`,
        `SELECT ${owner} FROM todos WHERE sub = 'ada'`,
        `SELECT count(*) FROM logs`,
        `SELECT todos.id FROM todos_text JOIN todos ON todos.seq = todos_text.rowid WHERE todos_text MATCH '"a"*'`,
        `SELECT lessons.id FROM lessons_text JOIN lessons ON seq = lessons_text.rowid WHERE lessons_text MATCH 'a'`,
      ]) {
        assert.throws(() => old.prepare(sql).all(), /Update it with: npx -y omnispindle@latest init/, sql);
      }
      old.close();
    });
  }
});
