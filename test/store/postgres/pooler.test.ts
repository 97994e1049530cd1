import assert from 'node:assert/strict';
import { noLog } from '../../../src/common/log.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { startPostgres } from '../../postgres.ts';
import { countsOf, ownerOf } from '../fixtures.ts';
import { startPooler } from './pooler.ts';

const page = { limit: 50, offset: 0 };

describe('a Postgres store behind a pooler that gives each transaction another connection', () => {
  it('makes its tables and keeps people apart, and leaves nothing in a connection', async () => {
    await using postgres = await startPostgres();
    await using owners = await startPooler(postgres.migrationUrl, 1);
    await using requests = await startPooler(postgres.databaseUrl);
    const store = await openPostgresStore({
      url: requests.url,
      migrationUrl: owners.url,
      log: noLog,
      poolSize: 6,
    });
    const people = Array.from({ length: 6 }, (_, i) => `ada ${String(i)}`);
    await Promise.all(
      people.map(async sub => {
        const mine = store.of(ownerOf(sub));
        for (let i = 0; i < 5; i++) {
          const { id } = await mine.addTodo({ description: `Spin of ${sub}`, project: sub });
          await mine.updateTodo(id, { notes: String(i) });
          await mine.addLesson({ language: 'SQL', topic: `of ${sub}`, lesson_learned: '', tags: [] });
          const { items, total } = await mine.searchTodos('spin', page);
          assert.equal(total, i + 1);
          assert.ok(items.every(({ project }) => project === sub));
          assert.deepEqual((await mine.listProjects(page)).items, [
            { project: sub, todos: i + 1, open: i + 1 },
          ]);
        }
      }),
    );
    for (const sub of people) {
      assert.deepEqual(await countsOf(store, ownerOf(sub)), { todos: 5, found: 5, logs: 10, lessons: 5 });
    }
    await store.check();
    await store.close();
    assert.deepEqual([...owners.complaints, ...requests.complaints], []);
    for (const [setting, value] of [
      ['statement_timeout', '0'],
      ['lock_timeout', '0'],
      ['enable_seqscan', 'on'],
      ['search_path', '"$user", public'],
    ]) {
      assert.deepEqual(await requests.ask(`SHOW ${String(setting)}`), [value, value], setting);
    }
    const owner = "SELECT coalesce(current_setting('omnispindle.owner', true), '')";
    assert.deepEqual(await requests.ask(owner), ['', '']);
  });
});
