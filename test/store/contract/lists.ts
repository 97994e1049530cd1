import assert from 'node:assert/strict';
import type { PersonalStore } from '../../../src/store/store.ts';
import { namesOf, page, pages, type Given } from './setup.ts';

/** What lists have, and in which order. */
export function listsOfStore({ ada, tick, now, add, learn }: Given): void {
  it('filters todos by each field, and by any two', async () => {
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
    for (const field of fields) await add(field, { ...one, [field]: other[field] });
    for (const field of fields) {
      assert.deepEqual(namesOf(await ada.queryTodos({ [field]: other[field] }, page)), [field]);
      assert.equal((await ada.queryTodos({ [field]: one[field] }, page)).total, fields.length - 1);
      for (const second of fields.filter(name => name !== field)) {
        const filter = { [field]: other[field], [second]: one[second] };
        assert.deepEqual(namesOf(await ada.queryTodos(filter, page)), [field], second);
      }
    }
    assert.equal((await ada.queryTodos(one, page)).total, 0);
    assert.equal((await ada.queryTodos({ ...one, ticket: 'W-2' }, page)).total, 1);
  });

  it('reads of a todo what is asked for, and its id', async () => {
    await add('Spin');
    assert.deepEqual((await ada.queryTodos({}, page, ['priority'])).items, [
      { id: 'id 1', priority: 'Medium' },
    ]);
  });

  it('filters by a time, with what changed at exactly that time', async () => {
    const { id } = await add('Spin');
    tick();
    const since = now();
    await add('Weave');
    await ada.updateTodo(id, { notes: 'x' });
    tick();
    await add('Dye', { project: 'silk' });
    assert.deepEqual(namesOf(await ada.queryTodos({ since, project: 'wool' }, page)), ['Weave', 'Spin']);
    const logged = async (filter: Parameters<PersonalStore['queryLogs']>[0]) =>
      (await ada.queryLogs(filter, page)).total;
    assert.deepEqual(
      [
        await logged({}),
        await logged({ since }),
        await logged({ since, todo_id: id }),
        await logged({ project: 'silk' }),
      ],
      [4, 3, 1, 1],
    );
  });

  it('filters lessons by language and topic', async () => {
    await learn('FTS5');
    await learn('WAL');
    await learn('WAL', { language: 'C' });
    const listed = async (filter: Parameters<PersonalStore['listLessons']>[0]) =>
      (await ada.listLessons(filter, page)).total;
    assert.deepEqual(
      [
        await listed({ language: 'SQL' }),
        await listed({ topic: 'WAL' }),
        await listed({ language: 'SQL', topic: 'WAL' }),
      ],
      [2, 2, 1],
    );
  });

  it('lists what changed last first, and of the same time what was added last', async () => {
    const { id } = await add('a');
    await add('b');
    await add('c');
    assert.deepEqual(namesOf(await ada.queryTodos({}, page)), ['c', 'b', 'a']);
    tick();
    await ada.updateTodo(id, { notes: 'x' });
    assert.deepEqual(namesOf(await ada.queryTodos({}, page)), ['a', 'c', 'b']);
    tick(-60_000);
    await add('of a clock that was set back');
    assert.deepEqual(namesOf(await ada.queryTodos({}, page)).at(-1), 'of a clock that was set back');
  });

  it('lists projects by their code points, with what is in them and what of it is open', async () => {
    const first = await add('x', { project: 'a' });
    await add('x', { project: '\u{1f9f6}' });
    await add('x', { project: '\uff5e' });
    await add('x', { project: 'B', status: 'review' });
    await ada.completeTodo((await add('x', { project: 'B' })).id, '');
    await add('x', { project: 'B' });
    const projects = async () =>
      (await ada.listProjects(page)).items.map((one): unknown[] => Object.values(one));
    assert.deepEqual(await projects(), [
      ['B', 3, 1],
      ['a', 1, 1],
      ['\uff5e', 1, 1],
      ['\u{1f9f6}', 1, 1],
    ]);
    await ada.updateTodo(first.id, { project: 'B', status: 'completed' });
    assert.deepEqual((await projects())[0], ['B', 4, 1]);
    await ada.deleteTodo(first.id);
    assert.deepEqual(await projects(), [
      ['B', 3, 1],
      ['\uff5e', 1, 1],
      ['\u{1f9f6}', 1, 1],
    ]);
    assert.deepEqual(await pages(one => ada.listProjects(one), 1), (await ada.listProjects(page)).items);
  });
}
