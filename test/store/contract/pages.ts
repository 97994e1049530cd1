import assert from 'node:assert/strict';
import type { Listing, Page } from '../../../src/store/listing.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { namesOf, page, pages, type Given } from './setup.ts';

const invalidCursor = (error: unknown) => error instanceof StoreError && error.code === 'invalid_cursor';

/** How far lists are read and counted, and how they go on. */
export function pagesOfStore({ ada, tick, add, learn }: Given): void {
  it('pages by cursors through every list, and misses nothing and gives nothing twice while it changes', async () => {
    const topics = Array.from({ length: 23 }, (_, i) => `n${String(i)}`);
    for (const [i, topic] of topics.entries()) {
      await add(topic, { project: topic });
      await learn(topic);
      if (i % 4 === 0) tick();
    }
    tick();
    let changes = 0;
    const change = async () => {
      changes++;
      await add(`later ${String(changes)}`, { project: `z${String(changes)}` });
      await ada.updateTodo((await add('later')).id, { notes: 'x' });
      await learn(`later ${String(changes)}`);
    };
    const downwards = [...topics].reverse();
    const seen = async <T>(read: (page: Page) => Promise<Listing<T>>, nameOf: (item: T) => string) =>
      (await pages(read, 5, change)).map(nameOf).filter(name => topics.includes(name));
    assert.deepEqual(
      await seen(
        one => ada.queryTodos({}, one),
        todo => todo.description,
      ),
      downwards,
    );
    assert.deepEqual(
      await seen(
        one => ada.searchTodos('n', one),
        todo => todo.description,
      ),
      downwards,
    );
    assert.deepEqual(
      await seen(
        one => ada.listLessons({}, one),
        lesson => lesson.topic,
      ),
      downwards,
    );
    assert.deepEqual(
      await seen(
        one => ada.searchLessons('n', one),
        lesson => lesson.topic,
      ),
      downwards,
    );
    assert.deepEqual(
      await seen(
        one => ada.queryLogs({}, one),
        entry => entry.project,
      ),
      downwards,
    );
    assert.deepEqual(
      await seen(
        one => ada.listProjects(one),
        project => project.project,
      ),
      topics.toSorted(),
    );
    assert.ok(changes > 20);
  });

  it('goes on behind what its cursor ended with, also where that has been deleted', async () => {
    for (const name of ['a', 'b', 'c']) await add(name);
    for (const read of [
      (one: Page) => ada.queryTodos({}, one),
      (one: Page) => ada.searchTodos('wool', one),
    ]) {
      const { items, nextCursor } = await read({ limit: 1, offset: 0 });
      const [newest] = items;
      assert.ok(newest);
      await ada.deleteTodo(newest.id);
      const rest = await read({ limit: 5, offset: 0, cursor: nextCursor });
      assert.ok(rest.items.length > 0 && rest.items.every(({ id }) => id !== newest.id));
    }
  });

  it('refuses a cursor of another list, of another filter, and what is none', async () => {
    for (const name of ['a', 'b', 'c']) {
      await add(name);
      await learn(name);
    }
    const one = { limit: 1, offset: 0 };
    const cursorOf = async (read: Promise<Listing<unknown>>) => {
      const { nextCursor } = await read;
      assert.ok(nextCursor);
      return nextCursor;
    };
    const lists: ((page: Page) => Promise<Listing<unknown>>)[] = [
      at => ada.queryTodos({}, at),
      at => ada.queryTodos({ project: 'wool' }, at),
      at => ada.queryTodos({ project: 'wool', status: 'pending' }, at),
      at => ada.queryLogs({ project: 'wool' }, at),
      at => ada.listLessons({}, at),
      at => ada.searchTodos('wool', at),
      at => ada.searchTodos('woo', at),
      at => ada.searchLessons('sql', at),
    ];
    const cursors = await Promise.all(lists.map(list => cursorOf(list(one))));
    const forged = (...position: unknown[]) => {
      const [mark] = JSON.parse(Buffer.from(cursors[0] ?? '', 'base64url').toString()) as [unknown];
      return Buffer.from(JSON.stringify([mark, ...position])).toString('base64url');
    };
    for (const [index, list] of lists.entries()) {
      for (const [other, cursor] of cursors.entries()) {
        if (other === index) assert.equal((await list({ ...one, cursor })).items.length, 1);
        else await assert.rejects(list({ ...one, cursor }), invalidCursor);
      }
      for (const cursor of [
        '',
        '%',
        'W10',
        'bnVsbA',
        forged(),
        forged(1, 2),
        forged('x', -1),
        forged('x', 1, 1),
      ]) {
        await assert.rejects(list({ ...one, cursor }), invalidCursor, cursor);
      }
    }
    await assert.rejects(ada.queryTodos({}, { ...one, cursor: forged('x'.repeat(65), 1) }), invalidCursor);
    await assert.rejects(ada.queryTodos({}, { ...one, cursor: forged('x', 1e400) }), invalidCursor);
  });

  it('passes over what an offset says, and ends a page where there is no more room', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await add(name);
    assert.deepEqual(namesOf(await ada.queryTodos({}, { limit: 2, offset: 1 })), ['c', 'b']);
    assert.deepEqual(namesOf(await ada.searchTodos('wool', { limit: 2, offset: 1 })), ['c', 'b']);
    assert.deepEqual(namesOf(await ada.queryTodos({}, { limit: 2, offset: 9 })), []);
    for (const read of [
      (one: Page) => ada.queryTodos({}, one),
      (one: Page) => ada.searchTodos('wool', one),
    ]) {
      let room = 3;
      const first = await read({ limit: 4, offset: 0, hasRoom: () => room-- > 0 });
      assert.deepEqual([namesOf(first), first.total], [['d', 'c', 'b'], 4]);
      const last = await read({ limit: 4, offset: 0, cursor: first.nextCursor });
      assert.deepEqual([namesOf(last), last.nextCursor], [['a'], undefined]);
    }
  });

  it('counts no further than a thousand, and reaches all of more by cursors, ranked in blocks', async () => {
    const many = 1_203;
    for (let i = 0; i < many; i++) {
      const isOdd = i % 2 === 1;
      await add(isOdd ? `bobbin ${String(i)}` : String(i), { notes: 'bobbin', project: `p${String(i)}` });
    }
    for (const read of [
      (one: Page) => ada.queryTodos({}, one),
      (one: Page) => ada.queryTodos({ status: 'pending', priority: 'Medium' }, one),
      (one: Page) => ada.queryLogs({}, one),
      (one: Page) => ada.searchTodos('bob', one),
      (one: Page) => ada.listProjects(one),
    ]) {
      const { total, isLowerBound, nextCursor } = await read({ limit: 3, offset: 0 });
      assert.deepEqual([total, isLowerBound], [1_000, true]);
      const next = await read({ limit: 3, offset: 0, cursor: nextCursor });
      assert.deepEqual([next.total, next.isLowerBound], [1_000, true]);
      const all = await pages<unknown>(read, 500);
      assert.equal(new Set(all.map(one => JSON.stringify(one))).size, many);
      assert.equal(all.length, many);
      assert.deepEqual((await read({ limit: 3, offset: 1_200 })).items, all.slice(1_200));
    }
    const ranked = (await pages(one => ada.searchTodos('bobbin', one), 500)).map(one =>
      Number(one.description.split(' ').at(-1)),
    );
    const block = (from: number, to: number) => {
      const numbers = Array.from({ length: from - to + 1 }, (_, i) => from - i);
      return [...numbers.filter(i => i % 2 === 1), ...numbers.filter(i => i % 2 === 0)];
    };
    assert.deepEqual(ranked, [...block(1_202, 203), ...block(202, 0)]);
    assert.equal((await ada.searchTodos('bobbin 77', page)).isLowerBound, undefined);
  }).timeout(30_000);
}
