import assert from 'node:assert/strict';
import { noLog } from '../../../src/common/log.ts';
import { openPostgresStore, type PostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { largestChanges, largestField } from '../../../src/store/engine.ts';
import type { PersonalStore } from '../../../src/store/store.ts';
import { runSql, startPostgres, type TestPostgres } from '../../postgres.ts';
import { ownerOf } from '../fixtures.ts';

const page = { limit: 500, offset: 0 };

describe('large fields in Postgres', () => {
  let postgres: TestPostgres;
  let store: PostgresStore;
  let ada: PersonalStore;
  before(async () => {
    postgres = await startPostgres();
    store = await openPostgresStore({
      url: postgres.databaseUrl,
      migrationUrl: postgres.migrationUrl,
      log: noLog,
    });
    ada = store.of(ownerOf('ada'));
  });
  after(async () => {
    await store.close();
    await postgres[Symbol.asyncDispose]();
  });
  afterEach(() => runSql(postgres.adminUrl, 'DELETE FROM omnispindle.owner'));
  const plant = (table: string, values: string) =>
    runSql(postgres.adminUrl, `UPDATE omnispindle.${table} SET ${values}`);

  it('are empty and named in what is read, and stay what they are when the rest changes', async () => {
    const { id } = await ada.addTodo({
      description: 'Spin',
      project: 'wool',
      notes: 'x'.repeat(largestField),
    });
    await ada.addLesson({ language: 'SQL', topic: 'FTS5', lesson_learned: '', tags: [] });
    assert.equal((await ada.getTodo(id))?.omitted, undefined);
    await plant(
      'todo',
      `notes = repeat('é', ${String(largestField / 2)}) || 'é', metadata = '[' || repeat('1,', 60000) || '1]'`,
    );
    await plant(
      'lesson',
      `lesson_learned = repeat('y', ${String(largestField + 1)}), tags = repeat('[', 100) || repeat(']', 100)`,
    );
    await plant('log_entry', `changes = '{"a":"' || repeat('z', ${String(largestChanges)}) || '"}'`);
    const [listed] = (await ada.queryTodos({}, page)).items;
    const [found] = (await ada.searchTodos('spin', page)).items;
    for (const todo of [await ada.getTodo(id), listed, found]) {
      assert.deepEqual([todo?.notes, todo?.metadata, todo?.omitted], ['', {}, ['notes', 'metadata']]);
    }
    const [lesson] = (await ada.listLessons({}, page)).items;
    assert.deepEqual(
      [lesson?.lesson_learned, lesson?.tags, lesson?.omitted],
      ['', [], ['lesson_learned', 'tags']],
    );
    const [entry] = (await ada.queryLogs({}, page)).items;
    assert.deepEqual([entry?.changes, entry?.omitted], [{}, ['changes']]);
    await ada.updateTodo(id, { description: 'Weave' });
    const [kept] = await runSql(
      postgres.adminUrl,
      'SELECT octet_length(notes) AS size FROM omnispindle.todo',
    );
    assert.equal(kept?.['size'], largestField + 2);
  });

  it('come a few at a time, however many are asked for, each once and in order', async () => {
    const many = 40;
    for (let i = 0; i < many; i++) {
      await ada.addTodo({
        description: `number ${String(i)}`,
        project: 'wool',
        notes: String(i % 10).repeat(90_000),
      });
    }
    const downwards = Array.from({ length: many }, (_, i) => `number ${String(many - 1 - i)}`);
    const names = ({ items }: { items: readonly { description: string }[] }) =>
      items.map(todo => todo.description);
    assert.deepEqual(names(await ada.queryTodos({}, page)), downwards);
    assert.deepEqual(names(await ada.queryTodos({}, { limit: 20, offset: 15 })), downwards.slice(15, 35));
    assert.deepEqual(names(await ada.searchTodos('number', page)), downwards);
    assert.deepEqual(names(await ada.queryTodos({}, page, ['description'])), downwards);
    const given: string[] = [];
    for await (const record of ada.exportRecords()) {
      if (record.type === 'todo') given.push(record.description);
    }
    assert.deepEqual(given, downwards.toReversed());
  });

  it('are found by as many words as a row of the index takes, those of the heading first', async () => {
    const words = Array.from({ length: 80_000 }, (_, i) => `w${i.toString(36)}`).join(' ');
    await ada.addTodo({ description: 'Spin', project: 'wool', notes: words });
    for (const typed of ['spin', 'wool', 'w0', 'w100']) {
      assert.equal((await ada.searchTodos(typed, page)).total, 1, typed);
    }
  });
});
