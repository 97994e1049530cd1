import assert from 'node:assert/strict';
import { page, type Given } from './setup.ts';

/** What a store makes of what is written, and whom it shows it. */
export function rulesOfStore({ ada, someone, tick, now, add, learn }: Given): void {
  it('gives a todo its id, its times, its defaults, and a log entry', async () => {
    const todo = await add('Spin');
    assert.deepEqual(todo, {
      id: 'id 1',
      description: 'Spin',
      project: 'wool',
      priority: 'Medium',
      status: 'pending',
      target_agent: '',
      notes: '',
      ticket: '',
      tags: [],
      metadata: {},
      comment: '',
      created_at: now(),
      updated_at: now(),
      completed_at: null,
    });
    assert.deepEqual(await ada.getTodo(todo.id), todo);
    assert.deepEqual((await ada.queryLogs({}, page)).items, [
      {
        todo_id: 'id 1',
        operation: 'create',
        at: now(),
        project: 'wool',
        changes: { description: { from: null, to: 'Spin' } },
      },
    ]);
  });

  it('logs what a change changes, and no more, and keeps the log of a todo that is deleted', async () => {
    const { id } = await add('Spin', { tags: ['a'], metadata: { x: [1] } });
    tick();
    await ada.updateTodo(id, { description: 'Weave', project: 'silk', tags: ['a'], metadata: { x: [1] } });
    await ada.completeTodo(id, 'Done');
    assert.equal(await ada.deleteTodo(id), true);
    assert.equal(await ada.deleteTodo(id), false);
    const { items } = await ada.queryLogs({ todo_id: id }, page);
    assert.deepEqual(
      items.map(({ operation, project, changes }) => ({ operation, project, changes })),
      [
        { operation: 'delete', project: 'silk', changes: { description: { from: 'Weave', to: null } } },
        {
          operation: 'complete',
          project: 'silk',
          changes: { status: { from: 'pending', to: 'review' }, comment: { from: '', to: 'Done' } },
        },
        {
          operation: 'update',
          project: 'silk',
          changes: { description: { from: 'Spin', to: 'Weave' }, project: { from: 'wool', to: 'silk' } },
        },
        { operation: 'create', project: 'wool', changes: { description: { from: null, to: 'Spin' } } },
      ],
    );
  });

  it('notes when a todo was finished first, and forgets it when it is taken up again', async () => {
    const { id } = await add('Spin');
    tick();
    const finishedAt = now();
    assert.equal((await ada.completeTodo(id, 'Done'))?.completed_at, finishedAt);
    tick();
    assert.equal((await ada.updateTodo(id, { status: 'completed' }))?.completed_at, finishedAt);
    assert.equal((await ada.updateTodo(id, { status: 'in_progress' }))?.completed_at, null);
  });

  it('keeps each person to what is theirs, whatever is asked', async () => {
    const [todo, lesson] = [await add('Spin'), await learn('FTS5', { lesson_learned: 'Quote' })];
    for (const stranger of [someone('eve'), someone('ada', 'https://other.example/')]) {
      for (const answer of [
        await stranger.getTodo(todo.id),
        await stranger.updateTodo(todo.id, { notes: 'mine' }),
        await stranger.completeTodo(todo.id, 'mine'),
        await stranger.getLesson(lesson.id),
        await stranger.updateLesson(lesson.id, { topic: 'mine' }),
      ]) {
        assert.equal(answer, undefined);
      }
      assert.equal(await stranger.deleteTodo(todo.id), false);
      assert.equal(await stranger.deleteLesson(lesson.id), false);
      for (const listing of [
        await stranger.queryTodos({}, page),
        await stranger.searchTodos('spin', page),
        await stranger.queryLogs({ todo_id: todo.id }, page),
        await stranger.listLessons({}, page),
        await stranger.searchLessons('quote', page),
        await stranger.listProjects(page),
      ]) {
        assert.deepEqual(listing, { items: [], total: 0 });
      }
      for await (const { id } of stranger.eachLesson()) assert.fail(id);
    }
    assert.deepEqual(await ada.getTodo(todo.id), todo);
    assert.deepEqual(await ada.getLesson(lesson.id), lesson);
    assert.equal((await ada.queryLogs({}, page)).total, 1);
  });

  it('gives each lesson once, last changed first, however many there are', async () => {
    for (let i = 0; i < 25; i++) {
      await learn(`n${String(i)}`, { lesson_learned: 'x'.repeat(i === 7 ? 300_000 : 20_000) });
      tick();
    }
    await ada.updateLesson('id 3', { tags: ['x'] });
    const topics: string[] = [];
    for await (const { topic } of ada.eachLesson()) topics.push(topic);
    assert.deepEqual(topics, [
      'n2',
      ...Array.from({ length: 25 }, (_, i) => `n${String(24 - i)}`).filter(one => one !== 'n2'),
    ]);
  });
}
