import assert from 'node:assert/strict';
import { runSql, startPostgres } from './postgres.ts';

describe('the Postgres of the tests', () => {
  it('makes databases with roles of their own, and keeps what is in them when it is started again', async () => {
    await using postgres = await startPostgres({ isOwn: true });
    const other = await postgres.newDatabase();
    await runSql(postgres.migrationUrl, 'CREATE SCHEMA kept');
    await postgres.stop();
    await assert.rejects(runSql(postgres.databaseUrl, 'SELECT 1'));
    await postgres.start();
    const has = async (url: string) =>
      (await runSql(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'kept'")).length;
    assert.deepEqual([await has(postgres.databaseUrl), await has(other.databaseUrl)], [1, 0]);
  });
});
