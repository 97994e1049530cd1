import assert from 'node:assert/strict';
import fc from 'fast-check';
import pg from 'pg';
import { noLog } from '../../../src/common/log.ts';
import { createStore } from '../../../src/store/createStore.ts';
import { openPostgresEngine } from '../../../src/store/postgres/postgresStore.ts';
import type { PersonalStore, Store } from '../../../src/store/store.ts';
import { runSql, startPostgres, type TestPostgres } from '../../postgres.ts';
import { ownerOf } from '../fixtures.ts';

const page = { limit: 100, offset: 0 };
const owned = ['todo', 'todo_words', 'lesson', 'lesson_words', 'log_entry', 'project_count'];

/** What a person sees, by every way to see it. */
async function seenBy(mine: PersonalStore) {
  const lessons: string[] = [];
  for await (const { topic } of mine.eachLesson()) lessons.push(topic);
  return {
    todos: (await mine.queryTodos({}, page)).items.map(todo => todo.description),
    found: (await mine.searchTodos('of', page)).items.map(todo => todo.description).sort(),
    projects: (await mine.listProjects(page)).items,
    logs: (await mine.queryLogs({}, page)).total,
    lessons,
    learned: (await mine.searchLessons('of', page)).total,
  };
}

describe('people in one Postgres', () => {
  let postgres: TestPostgres;
  /** Without the condition on the owner in any statement. */
  let store: Store;
  before(async () => {
    postgres = await startPostgres();
    const { databaseUrl: url, migrationUrl } = postgres;
    store = createStore((await openPostgresEngine({ url, migrationUrl, log: noLog }, 'policies')).engine);
    for (const sub of ['ada', 'eve']) {
      const mine = store.of(ownerOf(sub));
      await mine.addTodo({ description: `of ${sub}`, project: `of ${sub}` });
      await mine.addLesson({ language: 'SQL', topic: `of ${sub}`, lesson_learned: '', tags: [] });
    }
  });
  after(async () => {
    await store.close();
    await postgres[Symbol.asyncDispose]();
  });

  /** Runs statements as the role of requests, in the transaction of that owner. */
  async function asRequest(owner: string | undefined, ...statements: string[]) {
    const client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
    try {
      await client.query('BEGIN');
      if (owner !== undefined) {
        await client.query("SELECT set_config('omnispindle.owner', $1, true)", [owner]);
      }
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) {
        rows = (await client.query<Record<string, unknown>>(statement)).rows;
      }
      return rows;
    } finally {
      await client.end();
    }
  }
  const refused = (code: string) => (error: unknown) =>
    error instanceof pg.DatabaseError && error.code === code;

  async function numberOf(sub: string): Promise<string> {
    const [row] = await runSql(postgres.adminUrl, `SELECT id FROM omnispindle.owner WHERE sub = '${sub}'`);
    return String(row?.['id']);
  }

  it('see no row of others, whoever does what, where only the policies keep them apart', async () => {
    const names = ['a', 'b', 'c'];
    const action = fc.record({
      who: fc.constantFrom(...names),
      whose: fc.constantFrom(...names),
      kind: fc.constantFrom('add', 'update', 'complete', 'delete', 'learn', 'relearn', 'forget'),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 15 }), async actions => {
        const prefix = `${String(++run)}-`;
        const person = (name: string) => store.of(ownerOf(prefix + name));
        const todos = new Map<string, string[]>(names.map(name => [name, []]));
        const lessons = new Map<string, string[]>(names.map(name => [name, []]));
        const counts = new Map(names.map(name => [name, { todos: 0, lessons: 0 }]));
        for (const { who, whose, kind } of actions) {
          const mine = person(who);
          const isMine = who === whose;
          const todo = todos.get(whose)?.at(-1) ?? 'none';
          const lesson = lessons.get(whose)?.at(-1) ?? 'none';
          const has = (table: Map<string, string[]>) => isMine && (table.get(whose)?.length ?? 0) > 0;
          const count = counts.get(who)!;
          if (kind === 'add') {
            todos.get(who)?.push((await mine.addTodo({ description: `of ${who}`, project: `of ${who}` })).id);
            count.todos++;
          } else if (kind === 'learn') {
            const content = { language: 'SQL', topic: `of ${who}`, lesson_learned: '', tags: [] };
            lessons.get(who)?.push((await mine.addLesson(content)).id);
            count.lessons++;
          } else if (kind === 'update') {
            assert.equal((await mine.updateTodo(todo, { notes: who })) !== undefined, has(todos));
          } else if (kind === 'complete') {
            assert.equal((await mine.completeTodo(todo, who)) !== undefined, has(todos));
          } else if (kind === 'relearn') {
            assert.equal((await mine.updateLesson(lesson, { tags: [who] })) !== undefined, has(lessons));
          } else if (kind === 'delete') {
            const isThere = has(todos);
            assert.equal(await mine.deleteTodo(todo), isThere);
            if (isThere) {
              todos.get(who)?.pop();
              count.todos--;
            }
          } else {
            const isThere = has(lessons);
            assert.equal(await mine.deleteLesson(lesson), isThere);
            if (isThere) {
              lessons.get(who)?.pop();
              count.lessons--;
            }
          }
        }
        for (const name of names) {
          const seen = await seenBy(person(name));
          const count = counts.get(name)!;
          assert.deepEqual(
            seen.todos,
            Array.from({ length: count.todos }, () => `of ${name}`),
          );
          assert.deepEqual(seen.found, seen.todos);
          assert.deepEqual(
            seen.lessons,
            Array.from({ length: count.lessons }, () => `of ${name}`),
          );
          assert.equal(seen.learned, count.lessons);
          assert.deepEqual(
            seen.projects.map(({ project, todos: of }) => [project, of]),
            count.todos > 0 ? [[`of ${name}`, count.todos]] : [],
          );
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are shown nothing where nobody is set, and cannot be written for', async () => {
    for (const owner of [undefined, '', '0', '-1', '999999']) {
      for (const table of owned) {
        assert.deepEqual(await asRequest(owner, `SELECT * FROM omnispindle.${table}`), [], table);
      }
      for (const found of ['find_todo', 'find_lesson']) {
        const statement = `SELECT * FROM omnispindle.${found}('{}', 'of', 100, 1000000)`;
        assert.deepEqual(await asRequest(owner, statement), []);
      }
    }
    await assert.rejects(asRequest('no number', 'SELECT * FROM omnispindle.todo'), refused('22P02'));
  });

  it('keep their rows whatever statement is run for another person', async () => {
    const [ada, eve] = [await numberOf('ada'), await numberOf('eve')];
    const before = await seenBy(store.of(ownerOf('ada')));
    for (const table of owned) {
      const rows = await asRequest(eve, `SELECT * FROM omnispindle.${table}`);
      assert.ok(rows.length > 0 && rows.every(({ owner }) => owner === eve), table);
      assert.deepEqual(
        await asRequest(eve, `SELECT 1 FROM omnispindle.${table} WHERE owner = ${ada} OR owner <> ${eve}`),
        [],
      );
      if (table === 'log_entry') continue;
      await asRequest(eve, `DELETE FROM omnispindle.${table} WHERE owner = ${ada}`, 'COMMIT');
    }
    await assert.rejects(asRequest(eve, `UPDATE omnispindle.todo SET owner = ${ada}`), refused('42501'));
    await assert.rejects(
      asRequest(
        eve,
        `INSERT INTO omnispindle.todo_words (owner, seq, words) VALUES (${ada}, 1, '') ON CONFLICT (owner, seq)
         DO UPDATE SET words = ''`,
      ),
      refused('42501'),
    );
    for (const statement of [
      'SELECT * FROM omnispindle.owner',
      'UPDATE omnispindle.log_entry SET changes = changes',
      'DELETE FROM omnispindle.log_entry',
      'TRUNCATE omnispindle.todo',
      'ALTER TABLE omnispindle.todo DISABLE ROW LEVEL SECURITY',
      'DROP POLICY rows_of_owner ON omnispindle.todo',
      'CREATE POLICY mine ON omnispindle.todo USING (true)',
      'CREATE TABLE omnispindle.mine ()',
      `SET ROLE ${postgres.ownerRole}`,
      'SET row_security = off; SELECT * FROM omnispindle.todo',
    ]) {
      await assert.rejects(asRequest(eve, statement), refused('42501'), statement);
    }
    assert.deepEqual(await seenBy(store.of(ownerOf('ada'))), before);
  });

  it('are not found by a search that forges words of the index', async () => {
    const [ada, eve] = [await numberOf('ada'), await numberOf('eve')];
    for (const word of [
      `x' | '${ada}.0.of`,
      `x'' | ''${ada}.0.of`,
      `x\\' | '${ada}.0.of`,
      `x\\`,
      `') | ('${ada}.0.of`,
      `x':* | '${ada}.0.o`,
    ]) {
      for (const [whole, beginning] of [
        [[], word],
        [[word], 'of'],
      ] as const) {
        const client = `SELECT found_seq FROM omnispindle.find_todo(ARRAY[${whole.map(one => pg.escapeLiteral(one)).join(', ')}]::text[],
          ${pg.escapeLiteral(beginning)}, 100, 1000000)`;
        assert.deepEqual(await asRequest(eve, client), [], word);
      }
    }
    const own = await asRequest(eve, "SELECT * FROM omnispindle.find_todo('{}', 'of', 100, 1000000)");
    assert.deepEqual(own, [{ found_seq: '1', weight: 0 }]);
  });

  it('do not learn of each other’s ids, nor block them', async () => {
    const [todo] = (await store.of(ownerOf('ada')).queryTodos({}, page)).items;
    const id = todo!.id;
    const eve = await numberOf('eve');
    await asRequest(
      eve,
      `INSERT INTO omnispindle.todo (owner, id, description, project, priority, status, target_agent, notes, ticket,
        tags, metadata, comment, created_at, updated_at)
       VALUES (${eve}, '${id}', 'hers', 'p', 'Low', 'pending', '', '', '', '[]', '{}', '', '', '')`,
      'COMMIT',
    );
    assert.equal((await store.of(ownerOf('eve')).getTodo(id))?.description, 'hers');
    assert.equal((await store.of(ownerOf('ada')).getTodo(id))?.description, 'of ada');
  });

  it('leave nothing of a person that is removed', async () => {
    const gone = store.of(ownerOf('gone'));
    await gone.addTodo({ description: 'of gone', project: 'of gone' });
    await gone.addLesson({ language: 'SQL', topic: 'of gone', lesson_learned: '', tags: [] });
    const number = await numberOf('gone');
    await runSql(postgres.migrationUrl, `DELETE FROM omnispindle.owner WHERE id = ${number}`);
    for (const table of owned) {
      const left = await runSql(
        postgres.adminUrl,
        `SELECT 1 FROM omnispindle.${table} WHERE owner = ${number}`,
      );
      assert.deepEqual(left, [], table);
    }
    assert.deepEqual(await gone.queryTodos({}, page), { items: [], total: 0 });
  });
});
