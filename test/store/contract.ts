import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createStore } from '../../src/store/createStore.ts';
import type { StoreEngine } from '../../src/store/engine.ts';
import type { Listing, Page } from '../../src/store/listing.ts';
import type { PersonalStore, Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/storeError.ts';
import { ownerOf } from './fixtures.ts';

const page = { limit: 500, offset: 0 };
const invalidCursor = (error: unknown) => error instanceof StoreError && error.code === 'invalid_cursor';

/** What every store does, whatever keeps its rows. @param open gives one without rows */
export function storeContract(name: string, open: () => Promise<StoreEngine>): void {
  describe(`the store in ${name}`, () => {
    let store: Store;
    let ada: PersonalStore;
    /** What the clock says; it goes on by a second where a test says so. */
    let clock: number;
    const tick = () => (clock += 1_000);
    const now = () => new Date(clock).toISOString();
    beforeEach(async () => {
      clock = Date.parse('2026-01-01T00:00:00Z');
      let ids = 0;
      store = createStore(await open(), { now: () => new Date(clock), newId: () => `id ${String(++ids)}` });
      ada = store.of(ownerOf('ada'));
    });
    afterEach(() => store.close());

    const add = (description: string, more: Partial<Parameters<PersonalStore['addTodo']>[0]> = {}) =>
      ada.addTodo({ description, project: 'wool', ...more });
    const learn = (topic: string, more: Partial<Parameters<PersonalStore['addLesson']>[0]> = {}) =>
      ada.addLesson({ language: 'SQL', topic, lesson_learned: '', tags: [], ...more });
    const namesOf = ({ items }: Listing<{ description: string }>) => items.map(todo => todo.description);
    const found = async (words: string) => namesOf(await ada.searchTodos(words, page));

    /** All pages of a list, one after the other by their cursors; `between` is called after each. */
    async function pages<T>(
      read: (page: Page) => Promise<Listing<T>>,
      limit: number,
      between: () => unknown = () => undefined,
    ): Promise<T[]> {
      const items: T[] = [];
      let cursor: string | undefined;
      do {
        const answer = await read({ limit, offset: 0, cursor });
        assert.ok(answer.items.length > 0 && answer.items.length <= limit);
        items.push(...answer.items);
        cursor = answer.nextCursor;
        await between();
      } while (cursor !== undefined);
      return items;
    }

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
      for (const stranger of [store.of(ownerOf('eve')), store.of(ownerOf('ada', 'https://other.example/'))]) {
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

    it('filters by a time, which counts itself', async () => {
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
      clock -= 60_000;
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
      const projects = async () => (await ada.listProjects(page)).items.map(one => Object.values(one));
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
        ])
          await assert.rejects(list({ ...one, cursor }), invalidCursor, cursor);
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

    it('finds what has all the words, whatever their case and accents, the last as the beginning of one', async () => {
      await add('Send the Résumé', { notes: 'to the weaver', tags: ['urgent'], ticket: 'W-17' });
      for (const words of [
        'resume',
        'RÉSUM',
        'the résumé weav',
        'urg',
        'wool',
        'w 17',
        'send urgent wea',
        'to 1',
      ])
        assert.equal((await found(words)).length, 1, words);
      for (const words of ['resum weaver', 'esume', 'send silk', 'resume w17']) {
        assert.equal((await found(words)).length, 0, words);
      }
      await add('Internationalization, Donaudampfschifffahrtsgesellschaft');
      for (const words of [
        'internationaliz',
        'internationalization',
        'donaudampfschifffahrtsgesellschaft',
        'donaudampfschiff',
      ])
        assert.equal((await found(words)).length, 1, words);
      assert.equal((await found('internationalizations')).length, 0);
    });

    it('takes nothing that is typed for syntax', async () => {
      await add('Wind the "blue" bobbin AND rest');
      assert.deepEqual(await found('"blue" bob'), ['Wind the "blue" bobbin AND rest']);
      assert.deepEqual(await found('blue NOT bobbin'), []);
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), async words => {
          try {
            await ada.searchTodos(words, page);
          } catch (error) {
            assert.ok(error instanceof StoreError && error.code === 'invalid_query', String(error));
          }
        }),
        { numRuns: 300 },
      );
    });

    it('ranks by the weightiest field that has one of the words, then what was added last', async () => {
      const heading = await add('Bobbin');
      await add('in the notes', { notes: 'bobbin' });
      await add('in a tag', { tags: ['bobbin'] });
      await add('in the project', { project: 'bobbin' });
      await add('in the ticket', { ticket: 'bobbin-7' });
      await add('Bobbins and more');
      assert.deepEqual(await found('bobbin'), [
        'Bobbins and more',
        'Bobbin',
        'in the ticket',
        'in the project',
        'in a tag',
        'in the notes',
      ]);
      assert.deepEqual(await found('wool bobbin'), [
        'Bobbins and more',
        'Bobbin',
        'in the ticket',
        'in a tag',
        'in the notes',
      ]);
      tick();
      await ada.updateTodo(heading.id, { description: 'Spool', notes: 'bobbin' });
      assert.deepEqual((await found('bobbin')).at(-1), 'Spool');
      assert.deepEqual(await found('spool'), ['Spool']);
      await ada.updateTodo(heading.id, { status: 'review' });
      assert.deepEqual(await found('spool'), ['Spool']);
      await ada.deleteTodo(heading.id);
      assert.deepEqual(await found('spool'), []);
    });

    it('ranks lessons by topic, then language and tags, then text', async () => {
      await learn('WAL');
      await learn('a', { tags: ['wal'] });
      await learn('b', { language: 'WAL' });
      await learn('c', { lesson_learned: 'wal' });
      const topics = async (words: string) =>
        (await ada.searchLessons(words, page)).items.map(one => one.topic);
      assert.deepEqual(await topics('wal'), ['WAL', 'b', 'a', 'c']);
      await ada.updateLesson('id 4', { topic: 'wal' });
      assert.deepEqual(await topics('wal'), ['wal', 'WAL', 'b', 'a']);
      assert.equal(await ada.deleteLesson('id 1'), true);
      assert.deepEqual(await topics('wal'), ['wal', 'b', 'a']);
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
  });
}
