import { noLog } from '../../../src/common/log.ts';
import { openPostgresEngine } from '../../../src/store/postgres/postgresStore.ts';
import { runSql, startPostgres, type TestPostgres } from '../../postgres.ts';
import { storeContract } from '../contract/contract.ts';

describe('Postgres', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  async function open(ownerFilter: 'stated' | 'policies') {
    const { databaseUrl: url, migrationUrl, adminUrl } = postgres;
    const { engine } = await openPostgresEngine({ url, migrationUrl, log: noLog }, ownerFilter);
    await runSql(adminUrl, 'DELETE FROM omnispindle.owner');
    return engine;
  }

  storeContract('Postgres', () => open('stated'));
  storeContract('Postgres, whose policies alone say whose rows are whose', () => open('policies'));
});
