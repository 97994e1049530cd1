import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { PersonalStore } from '../../../src/store/store.ts';
import type { ImportCounts, StoreRecord } from '../../../src/store/transfer/records.ts';
import { namesOf, page, pages, type Given } from './setup.ts';

/** What is given away, and what becomes of it where it is taken over. */
export function recordsOfStore({ ada, someone, tick, now, add, learn }: Given): void {
  const eve = (): PersonalStore => someone('eve');
  async function all(store: PersonalStore): Promise<StoreRecord[]> {
    const records: StoreRecord[] = [];
    for await (const record of store.exportRecords()) records.push(record);
    return records;
  }
  const counts = (some: Partial<ImportCounts>): ImportCounts => ({
    added: 0,
    same: 0,
    newer: 0,
    older: 0,
    ...some,
  });
  const entriesOf = async (store: PersonalStore, id: string) =>
    (await store.queryLogs({ todo_id: id }, page)).items;
  const onlyTodos = (records: readonly StoreRecord[]) => records.filter(({ type }) => type === 'todo');

  it('gives away all that is theirs once, in the order in which it was added, with ids, times and log', async () => {
    const first = await add('Spin', { tags: ['a'], metadata: { b: 1, a: [null, { c: 'ä' }] } });
    const second = await add('Weave');
    const lesson = await learn('FTS5');
    await someone('eve').addTodo({ description: 'hers', project: 'wool' });
    tick();
    const changed = await ada.updateTodo(first.id, { notes: 'x', status: 'review' });
    const records = await all(ada);
    assert.deepEqual(
      records.map(record => (record.type === 'log' ? `${record.operation} ${record.todo_id}` : record.id)),
      ['create id 1', 'create id 2', 'update id 1', 'id 1', 'id 2', 'id 3'],
    );
    assert.deepEqual(records.slice(3), [
      { type: 'todo', ...changed },
      { type: 'todo', ...second },
      { type: 'lesson', ...lesson },
    ]);
    const [created] = records;
    assert.ok(created?.type === 'log' && created.id !== '');
    assert.deepEqual(created, {
      type: 'log',
      id: created.id,
      todo_id: first.id,
      operation: 'create',
      at: first.created_at,
      project: 'wool',
      changes: { description: { from: null, to: 'Spin' } },
    });
    assert.equal(new Set(records.map(({ type, id }) => `${type} ${id}`)).size, records.length);
    assert.deepEqual(await all(ada), records);
  });

  it('takes over what it gave away, so that every list and search is as it was, any number of times', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await add(name, { project: name < 'c' ? 'wool' : 'silk' });
    for (const topic of ['x', 'y']) await learn(topic);
    tick();
    await ada.completeTodo('id 2', 'Done');
    await ada.updateTodo('id 3', { project: 'wool' });
    await ada.deleteTodo('id 4');
    const records = await all(ada);
    assert.deepEqual(await eve().importRecords(records), counts({ added: records.length }));
    assert.deepEqual(await eve().importRecords(records), counts({ same: records.length }));
    for (const part of [records.slice(0, 3), records.slice(3), [...records, ...records]]) {
      assert.deepEqual(await eve().importRecords(part), counts({ same: part.length }));
    }
    for (const list of [
      (store: PersonalStore) => store.queryTodos({}, page),
      (store: PersonalStore) => store.queryTodos({ status: 'review' }, page),
      (store: PersonalStore) => store.queryLogs({}, page),
      (store: PersonalStore) => store.listLessons({}, page),
      (store: PersonalStore) => store.listProjects(page),
      (store: PersonalStore) => store.searchTodos('wool', page),
      (store: PersonalStore) => store.searchLessons('sql', page),
    ]) {
      const mine = await list(ada);
      assert.ok(mine.total > 0);
      assert.deepEqual(await list(eve()), mine);
    }
    assert.deepEqual(await all(eve()), records);
    assert.deepEqual(namesOf(await eve().queryTodos({}, page)), ['c', 'b', 'a']);
  });

  it('gives away each once, in order, however many there are', async () => {
    const first = await learn('FTS5');
    const lessons = Array.from({ length: 600 }, (_none, n): StoreRecord => ({
      type: 'lesson',
      ...first,
      id: `lesson ${String(n)}`,
    }));
    await eve().importRecords(lessons);
    assert.deepEqual(await all(eve()), lessons);
  });

  it('takes over in full what is too large for a list', async () => {
    const metadata = { large: 'x"\\\n'.repeat(200_000) };
    const { id } = await add('Spin', { metadata, notes: 'é'.repeat(120_000) });
    await ada.updateTodo(id, { metadata: { ...metadata, more: true } });
    const lesson = await learn('FTS5', { lesson_learned: 'y'.repeat(150_000) });
    const records = await all(ada);
    const todo = records.find(record => record.type === 'todo');
    assert.deepEqual(todo?.metadata, { ...metadata, more: true });
    assert.equal(todo.notes.length, 120_000);
    assert.equal(records.find(record => record.type === 'lesson')?.lesson_learned, lesson.lesson_learned);
    await eve().importRecords(records);
    assert.deepEqual(await all(eve()), records);
    assert.deepEqual(await eve().importRecords(records), counts({ same: records.length }));
  });

  it('keeps of two versions the one that was changed last, and does not double the log', async () => {
    const { id } = await add('Spin', { notes: 'first' });
    const before = await all(ada);
    tick();
    await ada.updateTodo(id, { notes: 'second', project: 'silk' });
    const after = await all(ada);
    await eve().importRecords(before);
    assert.deepEqual(await eve().importRecords(after), counts({ added: 1, same: 1, newer: 1 }));
    assert.deepEqual(await eve().getTodo(id), await ada.getTodo(id));
    assert.deepEqual((await eve().listProjects(page)).items, [{ project: 'silk', todos: 1, open: 1 }]);
    assert.equal((await eve().searchTodos('second', page)).total, 1);
    assert.equal((await eve().searchTodos('first', page)).total, 0);
    assert.deepEqual(await eve().importRecords(before), counts({ same: 1, older: 1 }));
    assert.deepEqual(await eve().getTodo(id), await ada.getTodo(id));
    assert.deepEqual(await all(eve()), after);
  });

  it('keeps in the log what only the other version of a todo or lesson holds, once', async () => {
    const { id } = await add('Spin', { notes: 'mine', metadata: { kept: true } });
    const lesson = await learn('FTS5', { lesson_learned: 'mine' });
    const records = await all(ada);
    const later = new Date(Date.parse(now()) + 1_000).toISOString();
    const theirs = (at: string, description = 'Spin'): StoreRecord[] =>
      records.flatMap<StoreRecord>(record => {
        if (record.type === 'log') return [];
        return record.type === 'todo'
          ? { ...record, description, notes: 'theirs', metadata: {}, updated_at: at }
          : { ...record, lesson_learned: 'theirs', updated_at: at };
      });
    // Changed at the same time: what is here stays.
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await ada.importRecords(theirs(now())), counts({ older: 2 }));
      assert.equal((await ada.getTodo(id))?.notes, 'mine');
      assert.equal((await ada.getLesson(lesson.id))?.lesson_learned, 'mine');
      assert.deepEqual(
        (await entriesOf(ada, id)).map(({ operation, changes }) => ({ operation, changes })),
        [
          {
            operation: 'update',
            changes: { notes: { from: 'theirs', to: 'mine' }, metadata: { from: {}, to: { kept: true } } },
          },
          { operation: 'create', changes: { description: { from: null, to: 'Spin' } } },
        ],
      );
    }
    for (let i = 0; i < 2; i++) {
      const expected = i === 0 ? counts({ newer: 2 }) : counts({ same: 2 });
      assert.deepEqual(await ada.importRecords(theirs(later, 'Dye')), expected);
      assert.equal((await ada.getTodo(id))?.description, 'Dye');
      assert.equal((await ada.getLesson(lesson.id))?.lesson_learned, 'theirs');
      // All of it is in the log by now.
      assert.equal((await entriesOf(ada, id)).length, 2);
    }
    assert.deepEqual(
      (await entriesOf(ada, lesson.id)).map(({ changes }) => changes),
      [{ lesson_learned: { from: 'theirs', to: 'mine' } }],
    );
  });

  it('takes over the last of several versions that come together', async () => {
    await add('Spin');
    const [todo] = onlyTodos(await all(ada));
    assert.ok(todo?.type === 'todo');
    const version = (notes: string, seconds: number): StoreRecord => ({
      ...todo,
      notes,
      updated_at: new Date(Date.parse(now()) + seconds * 1_000).toISOString(),
    });
    const versions = [version('b', 1), version('c', 2), version('a', 0), version('c', 2)];
    assert.deepEqual(await eve().importRecords(versions), counts({ added: 1, newer: 1, older: 1, same: 1 }));
    const kept = await eve().getTodo(todo.id);
    assert.equal(kept?.notes, 'c');
    const logged = (await entriesOf(eve(), todo.id)).map(({ changes }) => changes['notes']?.from);
    assert.deepEqual(logged.toSorted(), ['a', 'b']);
    assert.deepEqual((await eve().listProjects(page)).items, [{ project: 'wool', todos: 1, open: 1 }]);
  });

  it('takes an entry of the log with another’s id for another entry', async () => {
    await add('Spin');
    const [entry] = await all(ada);
    assert.ok(entry?.type === 'log');
    const other = { ...entry, changes: { notes: { from: '', to: 'forged' } } };
    assert.deepEqual(await ada.importRecords([other, entry]), counts({ added: 1, same: 1 }));
    assert.deepEqual(await ada.importRecords([other]), counts({ same: 1 }));
    assert.equal((await entriesOf(ada, entry.todo_id)).length, 2);
  });

  it('neither meets nor tells of another person’s rows with the same ids', async () => {
    await add('Spin');
    await learn('FTS5');
    const records = await all(ada);
    const hers = records.map(record =>
      record.type === 'todo'
        ? { ...record, description: 'hers', updated_at: '2030-01-01T00:00:00.000Z' }
        : record,
    );
    for (const store of [eve(), someone('ada', 'https://other.example/')]) {
      assert.deepEqual(await store.importRecords(hers), counts({ added: records.length }));
    }
    assert.deepEqual(await all(ada), records);
    assert.equal(await eve().deleteTodo('id 1'), true);
    assert.equal((await ada.searchTodos('spin', page)).total, 1);
    assert.deepEqual((await ada.listProjects(page)).items, [{ project: 'wool', todos: 1, open: 1 }]);
  });

  it('brings back what was deleted, and deletes nothing', async () => {
    await add('Spin');
    const records = await all(ada);
    await ada.deleteTodo('id 1');
    assert.deepEqual(await ada.importRecords(records), counts({ added: 1, same: 1 }));
    assert.equal((await ada.getTodo('id 1'))?.description, 'Spin');
    assert.deepEqual(await ada.importRecords([]), counts({}));
    assert.equal((await ada.queryTodos({}, page)).total, 1);
  });

  it('gives away what is changed and added meanwhile, and its log', async () => {
    await add('Spin');
    const templates = await all(ada);
    const copies = Array.from({ length: 1_099 }, (_, i) =>
      templates.map(record => ({
        ...record,
        id: `copy ${String(i)}`,
        ...(record.type === 'log' && { todo_id: `copy ${String(i)}` }),
      })),
    );
    await ada.importRecords(copies.flat());
    let given = 0;
    const records: StoreRecord[] = [];
    for await (const record of ada.exportRecords()) {
      records.push(record);
      given++;
      if (given !== 1_150) continue;
      tick();
      await ada.updateTodo('copy 1090', { notes: 'late' });
      await add('late');
      await ada.deleteTodo('copy 1095');
    }
    const todos = onlyTodos(records);
    assert.equal(new Set(todos.map(({ id }) => id)).size, todos.length);
    assert.ok(todos.some(({ id }) => id === 'id 2'));
    assert.equal(records.filter(({ type }) => type === 'log').length, 1_103);
    await eve().importRecords(records);
    const read = async (store: PersonalStore) => pages(one => store.queryLogs({}, one), 500);
    assert.deepEqual(await read(eve()), await read(ada));
  });

  it('ends with the same rows however often, in whichever parts, they come', async () => {
    let run = 0;
    const content = fc.record(
      {
        notes: fc.string({ unit: 'binary', maxLength: 5 }),
        tags: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
        metadata: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue({ maxDepth: 2 })),
      },
      { noNullPrototype: true },
    );
    const action = fc.record({
      kind: fc.constantFrom('add', 'update', 'delete', 'learn'),
      content,
      ticks: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 6 }),
        async (actions, parts) => {
          const [from, to] = [someone(`from ${String(++run)}`), someone(`to ${String(run)}`)];
          const ids: string[] = [];
          for (const { kind, content: given, ticks } of actions) {
            const { notes } = given;
            const [id = ''] = ids;
            if (kind === 'add') {
              ids.unshift((await from.addTodo({ description: 'x', project: 'p', ...given })).id);
            } else if (kind === 'update') await from.updateTodo(id, given);
            else if (kind === 'delete') await from.deleteTodo(id);
            else await from.addLesson({ language: 'l', topic: 't', lesson_learned: notes, tags: given.tags });
            if (ticks) tick();
          }
          const records = await all(from);
          for (const [start, length] of parts) await to.importRecords(records.slice(start, start + length));
          await to.importRecords(records);
          const sorted = (some: StoreRecord[]) =>
            some.toSorted((a, b) => (a.type + a.id < b.type + b.id ? -1 : 1));
          assert.deepEqual(sorted(await all(to)), sorted(records));
        },
      ),
      { numRuns: 30 },
    );
  });
}
