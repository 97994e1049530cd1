import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { StoreError } from '../../../src/store/store.ts';
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

  it('finds words whatever is typed, and never takes them for syntax', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada'));
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

  it('keeps each person to what is theirs, whatever is asked', async () => {
    const store = await openSqliteStore(directory.path);
    const [ada, eve] = [store.of(ownerOf('ada')), store.of(ownerOf('eve'))];
    const todo = await ada.addTodo({ description: 'Spin', project: 'wool' });
    const lesson = await ada.addLesson({ language: 'SQL', topic: 'FTS5', lesson_learned: 'Quote', tags: [] });
    for (const answer of [
      await eve.getTodo(todo.id),
      await eve.updateTodo(todo.id, { notes: 'mine' }),
      await eve.completeTodo(todo.id, 'mine'),
      await eve.getLesson(lesson.id),
      await eve.updateLesson(lesson.id, { topic: 'mine' }),
    ]) {
      assert.equal(answer, undefined);
    }
    assert.equal(await eve.deleteTodo(todo.id), false);
    assert.equal(await eve.deleteLesson(lesson.id), false);
    for (const listing of [
      await eve.queryTodos({}, page),
      await eve.searchTodos('spin', page),
      await eve.queryLogs({ todo_id: todo.id }, page),
      await eve.listLessons({}, page),
      await eve.searchLessons('quote', page),
      await eve.listProjects(page),
    ]) {
      assert.deepEqual(listing, { items: [], total: 0 });
    }

    assert.deepEqual(await ada.getTodo(todo.id), todo);
    assert.deepEqual(await ada.getLesson(lesson.id), lesson);
    assert.equal((await ada.queryLogs({}, page)).total, 1);
    await store.close();
  });

  it('filters todos by each field, and by several', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada'));
    const one = {
      project: 'wool',
      status: 'blocked',
      priority: 'High',
      target_agent: 'ada',
      ticket: 'W-1',
    } as const;
    const other = {
      project: 'silk',
      status: 'initial',
      priority: 'Low',
      target_agent: 'eve',
      ticket: 'W-2',
    } as const;
    const fields = Object.keys(one) as (keyof typeof one)[];
    for (const field of fields) await ada.addTodo({ description: field, ...one, [field]: other[field] });
    for (const field of fields) {
      const { items } = await ada.queryTodos({ [field]: other[field] }, page);
      assert.deepEqual(
        items.map(({ description }) => description),
        [field],
      );
      assert.equal((await ada.queryTodos({ [field]: one[field] }, page)).total, fields.length - 1);
    }
    assert.equal((await ada.queryTodos(one, page)).total, 0);
    assert.equal((await ada.queryTodos({ ...one, ticket: 'W-2' }, page)).total, 1);
    await store.close();
  });

  it('filters the log by todo, project and time, and lessons by language and topic', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada'));
    const { id } = await ada.addTodo({ description: 'Spin', project: 'wool' });
    await ada.addTodo({ description: 'Weave', project: 'wool' });
    await ada.addTodo({ description: 'Dye', project: 'silk' });
    const logged = async (filter: Parameters<typeof ada.queryLogs>[0]) =>
      (await ada.queryLogs(filter, page)).total;
    assert.equal(await logged({}), 3);
    assert.equal(await logged({ todo_id: id }), 1);
    assert.equal(await logged({ project: 'wool' }), 2);
    assert.equal(await logged({ project: 'wool', todo_id: id }), 1);
    assert.equal(await logged({ since: new Date(0).toISOString() }), 3);
    assert.equal(await logged({ since: new Date(Date.now() + 60_000).toISOString() }), 0);
    for (const [language, topic] of [
      ['SQL', 'FTS5'],
      ['SQL', 'WAL'],
      ['C', 'WAL'],
    ] as const) {
      await ada.addLesson({ language, topic, lesson_learned: 'x', tags: [] });
    }
    const listed = async (filter: Parameters<typeof ada.listLessons>[0]) =>
      (await ada.listLessons(filter, page)).total;
    assert.equal(await listed({ language: 'SQL' }), 2);
    assert.equal(await listed({ topic: 'WAL' }), 2);
    assert.equal(await listed({ language: 'SQL', topic: 'WAL' }), 1);
    await store.close();
  });

  it('finds the best match first, and by what a text says now', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada'));
    const best = await ada.addTodo({ description: 'Bobbin, bobbin', project: 'wool' });
    const other = await ada.addTodo({
      description: `Bobbin ${'and much else '.repeat(30)}`,
      project: 'wool',
    });
    const found = async (words: string) => (await ada.searchTodos(words, page)).items.map(({ id }) => id);
    assert.deepEqual(await found('bobbin'), [best.id, other.id]);
    await ada.updateTodo(best.id, { description: 'Spool' });
    assert.deepEqual(await found('bobbin'), [other.id]);
    assert.deepEqual(await found('spool'), [best.id]);
    await ada.deleteTodo(best.id);
    assert.deepEqual(await found('spool'), []);
    await store.close();
  });

  it('notes when a todo was finished first, forgets it when it is taken up again, and counts what is open', async () => {
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada'));
    const { id } = await ada.addTodo({ description: 'Spin', project: 'wool' });
    const finishedAt = (await ada.completeTodo(id, 'Done'))?.completed_at;
    assert.ok(finishedAt);
    while (new Date().toISOString() === finishedAt) await delay(1);
    assert.equal((await ada.updateTodo(id, { status: 'completed' }))?.completed_at, finishedAt);
    await ada.completeTodo((await ada.addTodo({ description: 'Weave', project: 'wool' })).id, '');
    assert.deepEqual((await ada.listProjects(page)).items, [{ project: 'wool', todos: 2, open: 0 }]);
    assert.equal((await ada.updateTodo(id, { status: 'in_progress' }))?.completed_at, null);
    assert.deepEqual((await ada.listProjects(page)).items, [{ project: 'wool', todos: 2, open: 1 }]);
    await store.close();
  });

  it('uses an index of its own for every list', async () => {
    const store = await openSqliteStore(directory.path);
    await store.close();
    const database = new DatabaseSync(join(directory.path, 'omnispindle.db'));
    for (const [table, condition, order, index] of [
      ['todos', '', 'updated_at', 'todos_by_change'],
      ['todos', 'AND status = ?', 'updated_at', 'todos_by_status'],
      ['todos', 'AND project = ?', 'updated_at', 'todos_by_project'],
      ['logs', '', 'at', 'logs_by_time'],
      ['logs', 'AND todo_id = ?', 'at', 'logs_by_todo'],
      ['logs', 'AND project = ?', 'at', 'logs_by_project'],
      ['lessons', '', 'updated_at', 'lessons_by_change'],
      ['lessons', 'AND language = ?', 'updated_at', 'lessons_by_language'],
      ['lessons', 'AND topic = ?', 'updated_at', 'lessons_by_topic'],
    ] as const) {
      const sql = `EXPLAIN QUERY PLAN SELECT * FROM ${table} WHERE issuer = ? AND sub = ? ${condition} ORDER BY ${order} DESC, seq DESC LIMIT 10`;
      const plan = database
        .prepare(sql)
        .all(...(condition ? ['a', 'b', 'c'] : ['a', 'b']))
        .map(row => String(row['detail']))
        .join('; ');
      assert.ok(plan.includes(`USING INDEX ${index} `), `${sql}\n${plan}`);
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
