import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
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

  it('ends also where the server has ended by itself, as at Ctrl-C', async () => {
    const postgres = await startPostgres({ isOwn: true });
    const [row] = await runSql(postgres.adminUrl, 'SHOW data_directory');
    const directory = row?.['data_directory'] as string;
    const [pid] = readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGINT');
    await eventually('its end', () => isGone(Number(pid)));
    await postgres[Symbol.asyncDispose]();
    assert.equal(existsSync(directory), false);
  });
});

/** Whether it has ended, and this process knows. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}
