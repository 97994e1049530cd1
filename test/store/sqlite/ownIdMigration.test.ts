import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { defaultTenant, issuerOf } from '../../../src/auth/tenant.ts';
import { claimGivenRows } from '../../../src/store/sqlite/givenRows.ts';
import { migrations } from '../../../src/store/sqlite/migrations.ts';
import { numberOwners } from '../../../src/store/sqlite/ownerMigration.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqliteStore.ts';
import { useDirectory } from '../../auth/fixtures.ts';
import { countsOf, ownerOf, writeFirstRelease, writeSecondVersion } from '../fixtures.ts';

const page = { limit: 1_000, offset: 0 };
const one = 'https://one.example/';
const allOfOne = { todos: 1, found: 1, logs: 1, lessons: 1 };

/** What a database has besides its rows. */
function partsOf(database: DatabaseSync): unknown[] {
  return database
    .prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY name",
    )
    .all();
}

describe('a database from before ids were an owner’s own', () => {
  const directory = useDirectory();

  /** As it was with version 3. */
  function writeThirdVersion(): string {
    const path = writeSecondVersion(directory.path, ['ada', 'eve'], one);
    const database = new DatabaseSync(path);
    numberOwners(database);
    database.exec('PRAGMA user_version = 3');
    database.close();
    return path;
  }

  it('keeps its rows, their order, its indexes and its triggers, and gives log entries ids', async () => {
    const path = writeThirdVersion();
    const before = new DatabaseSync(path);
    const parts = partsOf(before);
    const rows = before.prepare('SELECT * FROM todo ORDER BY seq').all();
    before.close();
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada', one));
    assert.deepEqual(await countsOf(store, ownerOf('ada', one)), allOfOne);
    await ada.updateTodo('todo of ada', { project: 'silk' });
    await ada.addTodo({ description: 'Weave', project: 'silk' });
    assert.deepEqual((await ada.listProjects(page)).items, [{ project: 'silk', todos: 2, open: 2 }]);
    assert.equal(await ada.deleteTodo('todo of ada'), true);
    assert.equal((await ada.searchTodos('spin', page)).total, 0);
    assert.deepEqual(await countsOf(store, ownerOf('eve', one)), allOfOne);
    await store.close();
    const after = new DatabaseSync(path);
    assert.deepEqual(partsOf(after), parts);
    assert.deepEqual(after.prepare("SELECT * FROM todo WHERE id = 'todo of eve'").all(), [rows[1]]);
    const ids = after.prepare('SELECT id FROM log_entry ORDER BY seq').all();
    assert.deepEqual(
      ids.slice(0, 2).map(({ id }) => id),
      ['todo of ada/1', 'todo of eve/2'],
    );
    assert.ok(ids.slice(2).every(({ id }) => /^[\da-f]{32}$/.test(String(id))));
    assert.equal(after.prepare('PRAGMA user_version').get()?.['user_version'], migrations.length);
    after.close();
  });

  it('leaves what is claimed where its owner has the same ids already', async () => {
    const path = writeFirstRelease(directory.path, ['ada', 'eve']);
    await (await openSqliteStore(directory.path)).close();
    const database = new DatabaseSync(path);
    database.exec(`INSERT INTO owner (issuer, sub) VALUES ('${one}', 'ada')`);
    database.exec(`INSERT INTO lesson (owner, id, language, topic, created_at, updated_at, tags, lesson_learned)
      SELECT (SELECT max(id) FROM owner), id, language, 'mine', created_at, updated_at, tags, lesson_learned
      FROM lesson WHERE id = 'lesson of ada'`);
    database.close();
    claimGivenRows(path, ownerOf('ada', one));
    const store = await openSqliteStore(directory.path);
    const ada = store.of(ownerOf('ada', one));
    assert.equal((await ada.getLesson('lesson of ada'))?.topic, 'mine');
    assert.equal((await ada.getTodo('todo of ada'))?.description, 'Spin for ada');
    const theirs = store.of(ownerOf('ada', issuerOf(defaultTenant)));
    assert.equal((await theirs.getLesson('lesson of ada'))?.topic, 'FTS5');
    assert.equal(await theirs.getTodo('todo of ada'), undefined);
    await store.close();
  });
});
