import assert from 'node:assert/strict';
import { noLog } from '../../../../src/common/log.ts';
import { sharedLimit, type Limited } from '../../../../src/server/http/limits/sharedLimit.ts';
import {
  openPostgresStore,
  rateLimitTable,
  type PostgresStore,
} from '../../../../src/store/databaseStore.ts';
import { runSql, startPostgres, type TestPostgres } from '../../../postgres.ts';

const rate = { points: 100, seconds: 60 };

describe('a limit that replicas share through Postgres', () => {
  let postgres: TestPostgres;
  let stores: PostgresStore[];

  before(async () => {
    postgres = await startPostgres({ isOwn: true });
    const options = { url: postgres.databaseUrl, migrationUrl: postgres.migrationUrl, log: noLog };
    stores = await Promise.all([openPostgresStore(options), openPostgresStore(options)]);
  });
  after(async () => {
    await Promise.all(stores.map(store => store.close()));
    await postgres[Symbol.asyncDispose]();
  });

  const limits = (seconds = rate.seconds, what: Limited['what'] = 'account') =>
    stores.map(({ pool }) =>
      sharedLimit(
        { ...rate, seconds },
        {
          queries: pool,
          table: rateLimitTable.tableName,
          schema: rateLimitTable.schemaName,
          pause: 100,
        },
        { what },
      ),
    );

  async function allowed(of: ReturnType<typeof limits>, times: number, key: string): Promise<number> {
    const calls = of.flatMap(limit => Array.from({ length: times }, () => limit.take(key)));
    return (await Promise.all(calls)).filter(({ isAllowed }) => isAllowed).length;
  }

  it('lets in as many as its rate says, of all replicas together', async () => {
    assert.equal(await allowed(limits(), 150, 'ada'), rate.points);
    const [another] = limits();
    assert.equal((await another!.take('ada')).isAllowed, false);
    assert.equal((await another!.take('bob')).isAllowed, true);
    const rows = await runSql(
      postgres.adminUrl,
      `SELECT key FROM ${rateLimitTable.schemaName}.${rateLimitTable.tableName} ORDER BY key`,
    );
    assert.deepEqual(rows, [{ key: 'account:ada' }, { key: 'account:bob' }]);
  });

  it('counts addresses apart from accounts, of all replicas together as well', async () => {
    assert.equal(await allowed(limits(rate.seconds, 'address'), 150, 'ada'), rate.points);
    assert.equal((await limits(rate.seconds, 'address')[1]!.take('ada')).isAllowed, false);
  });

  it('goes on in each replica while the database is down, and together again after it', async () => {
    await postgres.stop();
    assert.equal(await allowed(limits(), 150, 'eve'), 2 * rate.points);
    await postgres.start();
    const again = limits();
    await assertSoon(async () => {
      await again[0]!.take(`fay-${String(Math.random())}`);
      const rows = await runSql(
        postgres.adminUrl,
        `SELECT key FROM ${rateLimitTable.schemaName}.${rateLimitTable.tableName} WHERE key LIKE 'account:fay%'`,
      );
      return rows.length > 0;
    });
    assert.equal(await allowed(again, 150, 'gus'), rate.points);
  });
});

async function assertSoon(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 20));
}
