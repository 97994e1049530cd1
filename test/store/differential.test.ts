import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { noLog } from '../../src/common/log.ts';
import { createStore } from '../../src/store/createStore.ts';
import type { StoreEngine } from '../../src/store/engine.ts';
import type { Listing, Page } from '../../src/store/listing.ts';
import { openPostgresEngine } from '../../src/store/postgres/postgresStore.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { sqliteEngine } from '../../src/store/sqlite/sqliteStore.ts';
import type { PersonalStore } from '../../src/store/store.ts';
import { priorities, todoStatuses } from '../../src/store/todo.ts';
import type { StoreRecord } from '../../src/store/transfer/records.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startPostgres, type TestPostgres } from '../postgres.ts';
import { ownerOf } from './fixtures.ts';

/** Something done with a store, which answers with what it came to. */
type Call = (store: PersonalStore, world: World) => Promise<unknown>;

/** What two stores that are asked the same have in common. */
interface World {
  /** The id of the todo, or lesson, that was added as the n-th. */
  todo(n: number): string;
  lesson(n: number): string;
  readonly todos: string[];
  readonly lessons: string[];
}

/** Words of several scripts that are spelt in more than one way, and what is none. */
const pieces = [
  ...[
    'wool',
    'WOOL',
    'woollen',
    'w',
    'Spin',
    'spinning',
    'Häuser',
    'ha\u0308user',
    'hauser',
    'Straße',
    'STRASSE',
  ],
  ...[
    'ΣΊΣΥΦΟΣ',
    'σίσυφος',
    'İstanbul',
    'ıstanbul',
    'ﬁne',
    'fine',
    '羊毛',
    '羊',
    'шерсть',
    'ШЕРСТЬ',
    'עברית',
    'é',
    '😀',
    '１２',
    '12',
  ],
  ...[
    "o'hara",
    'a:b',
    'a&b',
    'a|b',
    '!a',
    '(a',
    'a*',
    '"a"',
    '\\',
    '%',
    '_',
    '<->',
    "''",
    '.',
    '1.0.wool',
    ' ',
    '\n',
  ],
  ...['\0', '\u0001', '\ud83d', '\ude00', '\ud83dx', 'x\ude00', '\u200b', '\u0301', '\ue000', '\uffff'],
];
const phrase = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 })
  .chain(some => fc.constantFrom(' ', '', '-').map(between => some.join(between)));
const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 4 });
const text = fc.oneof(
  { weight: 6, arbitrary: phrase },
  { weight: 1, arbitrary: units.map(each => String.fromCharCode(...each)) },
  { weight: 1, arbitrary: fc.constantFrom('wool', 'Wool', 'WOOL', 'w10', 'w9') },
);
const index = fc.nat(30);
const size = fc.integer({ min: 1, max: 5 });
const name = fc.oneof(text, fc.constantFrom('', 'wool', 'silk', 'Silk', 'wool 10', 'wool 9'));
const contents = {
  project: name,
  priority: fc.constantFrom(...priorities),
  status: fc.constantFrom(...todoStatuses),
  target_agent: name,
  notes: text,
  ticket: name,
  tags: fc.array(text, { maxLength: 2 }),
  metadata: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null)), { maxKeys: 2 }),
  comment: text,
};
const todoChanges = fc.record({ description: text, ...contents }, { requiredKeys: [] });
const lessonContents = {
  language: name,
  topic: text,
  lesson_learned: text,
  tags: fc.array(text, { maxLength: 2 }),
};
const { project, priority, status, target_agent, ticket } = contents;
const filter = fc.record({ project, priority, status, target_agent, ticket }, { requiredKeys: [] });

/** All pages of a list, by the cursors that the store itself gives, which only that store knows. */
async function pagesOf<T>(read: (page: Page) => Promise<Listing<T>>, limit: number): Promise<unknown> {
  const pages: unknown[] = [];
  let cursor: string | undefined;
  do {
    const { nextCursor, ...page } = await read({ limit, offset: 0, cursor });
    pages.push({ ...page, hasMore: nextCursor !== undefined });
    cursor = nextCursor;
  } while (cursor !== undefined && pages.length < 100);
  return pages;
}

async function recordsOf(store: PersonalStore): Promise<StoreRecord[]> {
  const records: StoreRecord[] = [];
  for await (const record of store.exportRecords()) records.push(record);
  return records;
}

/** Ids of log entries are a store's own. */
const withoutLogIds = (records: readonly StoreRecord[]) =>
  records.map(record => (record.type === 'log' ? { ...record, id: '' } : record));

const call: fc.Arbitrary<[what: string, call: Call]> = fc.oneof(
  fc
    .record({ description: text, ...contents }, { requiredKeys: ['description', 'project'] })
    .map((todo): [string, Call] => [
      `add ${JSON.stringify(todo)}`,
      async (store, { todos }) => {
        const added = await store.addTodo(todo);
        if (!todos.includes(added.id)) todos.push(added.id);
        return [added, await store.getTodo(added.id)];
      },
    ]),
  fc.record(lessonContents).map((lesson): [string, Call] => [
    `learn ${JSON.stringify(lesson)}`,
    async (store, { lessons }) => {
      const added = await store.addLesson(lesson);
      if (!lessons.includes(added.id)) lessons.push(added.id);
      return [added, await store.getLesson(added.id)];
    },
  ]),
  fc
    .tuple(index, todoChanges)
    .map(([n, changes]): [string, Call] => [
      `update ${String(n)} ${JSON.stringify(changes)}`,
      (store, { todo }) => store.updateTodo(todo(n), changes),
    ]),
  fc
    .tuple(index, text)
    .map(([n, comment]): [string, Call] => [
      `complete ${String(n)}`,
      (store, { todo }) => store.completeTodo(todo(n), comment),
    ]),
  index.map((n): [string, Call] => [`delete ${String(n)}`, (store, { todo }) => store.deleteTodo(todo(n))]),
  fc
    .tuple(index, fc.record(lessonContents, { requiredKeys: [] }))
    .map(([n, changes]): [string, Call] => [
      `relearn ${String(n)} ${JSON.stringify(changes)}`,
      (store, { lesson }) => store.updateLesson(lesson(n), changes),
    ]),
  index.map((n): [string, Call] => [
    `unlearn ${String(n)}`,
    (store, { lesson }) => store.deleteLesson(lesson(n)),
  ]),
  fc
    .tuple(filter, size)
    .map(([of, limit]): [string, Call] => [
      `query ${JSON.stringify(of)}`,
      store => pagesOf(page => store.queryTodos(of, page), limit),
    ]),
  fc
    .tuple(text, size, fc.nat(3))
    .map(([words, limit, offset]): [string, Call] => [
      `search ${JSON.stringify(words)}`,
      async store => [
        await pagesOf(page => store.searchTodos(words, page), limit),
        (await store.searchTodos(words, { limit, offset })).items,
        await pagesOf(page => store.searchLessons(words, page), limit),
      ],
    ]),
  fc
    .tuple(size, fc.nat(3))
    .map(([limit, offset]): [string, Call] => [
      'projects',
      async store => [
        await pagesOf(page => store.listProjects(page), limit),
        (await store.listProjects({ limit, offset })).items,
      ],
    ]),
  fc
    .tuple(index, name, size)
    .map(([n, of, limit]): [string, Call] => [
      `logs ${String(n)} ${JSON.stringify(of)}`,
      async (store, { todo }) => [
        await pagesOf(page => store.queryLogs({}, page), limit),
        await pagesOf(page => store.queryLogs({ todo_id: todo(n) }, page), limit),
        await pagesOf(page => store.queryLogs({ project: of }, page), limit),
      ],
    ]),
  fc
    .tuple(name, text, size)
    .map(([language, topic, limit]): [string, Call] => [
      `lessons ${JSON.stringify([language, topic])}`,
      async store => [
        await pagesOf(page => store.listLessons({}, page), limit),
        await pagesOf(page => store.listLessons({ language }, page), limit),
        await pagesOf(page => store.listLessons({ topic }, page), limit),
      ],
    ]),
  fc.tuple(index, text).map(([n, notes]): [string, Call] => [
    `import ${String(n)}`,
    async store => {
      const records = await recordsOf(store);
      const changed = records.map(record =>
        record.type === 'todo' ? { ...record, notes, updated_at: '2026-01-01T00:00:09.000Z' } : record,
      );
      // What a store knows by ids of its own comes to other counts in the other one.
      const own = changed.filter(({ type }) => type !== 'log').slice(0, n);
      return [withoutLogIds(records), await store.importRecords(own), withoutLogIds(await recordsOf(store))];
    },
  ]),
);

describe('SQLite and Postgres', () => {
  const directory = temporaryDirectory();
  let postgres: TestPostgres;
  const engines: StoreEngine[] = [];
  before(async () => {
    postgres = await startPostgres();
    // Sorts 9 before 10, and compares neither case nor accents at first.
    const icu = await postgres.newDatabase("LOCALE_PROVIDER icu ICU_LOCALE 'de-u-kn-ks-level1' LOCALE 'C'");
    engines.push(sqliteEngine(openDatabase(join(directory.path, 'a.db'))));
    for (const { databaseUrl: url, migrationUrl } of [postgres, icu]) {
      engines.push((await openPostgresEngine({ url, migrationUrl, log: noLog })).engine);
    }
  });
  after(async () => {
    for (const engine of engines) await engine.close();
    await postgres[Symbol.asyncDispose]();
    directory.remove();
  });

  it('answer every call alike, in order, counts, pages and errors, whatever the texts and the collation', async () => {
    let people = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 4, maxLength: 24 }), async calls => {
        const person = ownerOf(`ada ${String(people++)}`);
        const said: unknown[][] = [];
        for (const engine of engines) {
          let [clock, ids] = [Date.parse('2026-01-01T00:00:00Z'), 0];
          const store = createStore(engine, {
            now: () => new Date(clock),
            newId: () => `id ${String(++ids)}`,
          }).of(person);
          const [todos, lessons]: string[][] = [[], []];
          const at = (all: readonly string[] = [], n: number) => all[n % Math.max(1, all.length)] ?? 'none';
          const world: World = {
            todos: todos ?? [],
            lessons: lessons ?? [],
            todo: n => at(todos, n),
            lesson: n => at(lessons, n),
          };
          const answers: unknown[] = [];
          for (const [i, [, run]] of calls.entries()) {
            // Some at the same time.
            if (i % 3 > 0) clock += 1_000;
            answers.push(
              await run(store, world).catch((error: unknown) => {
                if (isOmnispindleError(error)) return [error.code, error.message];
                throw error;
              }),
            );
          }
          said.push(answers);
        }
        const [first, ...others] = said;
        for (const [of, other] of others.entries()) {
          for (const [i, answer] of other.entries()) {
            assert.deepEqual(answer, first?.[i], `${of === 0 ? 'C' : 'ICU'}: ${calls[i]?.[0] ?? ''}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
