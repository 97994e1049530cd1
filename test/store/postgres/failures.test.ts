import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { noLog } from '../../../src/common/log.ts';
import {
  openPostgresStore,
  type PostgresOptions,
  type PostgresStore,
} from '../../../src/store/postgres/postgresStore.ts';
import type { PersonalStore } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { eventually } from '../../eventually.ts';
import { runSql, startPostgres, type TestPostgres } from '../../postgres.ts';
import { ownerOf } from '../fixtures.ts';

const page = { limit: 10, offset: 0 };
const spin = { description: 'Spin', project: 'wool' };

describe('a Postgres store', () => {
  let postgres: TestPostgres;
  let store: PostgresStore;
  let ada: PersonalStore;
  before(async () => {
    postgres = await startPostgres();
    await (await open({ migrationUrl: postgres.migrationUrl })).close();
  });
  after(() => postgres[Symbol.asyncDispose]());
  beforeEach(async () => {
    await admin('DELETE FROM omnispindle.owner');
    await use({});
  });
  afterEach(async () => {
    await store.close();
    await admin('DROP FUNCTION IF EXISTS public.meddle CASCADE');
  });

  const open = (more: Partial<PostgresOptions>) =>
    openPostgresStore({ url: postgres.databaseUrl, log: noLog, ...more });
  const admin = (...statements: string[]) => runSql(postgres.adminUrl, ...statements);

  async function use(limits: Partial<PostgresOptions>): Promise<void> {
    await store?.close().catch(() => undefined);
    store = await open(limits);
    ada = store.of(ownerOf('ada'));
  }

  /** Has every new todo run statements of PL/pgSQL. */
  async function meddle(body: string, trigger = 'TRIGGER meddling BEFORE INSERT'): Promise<void> {
    await admin(
      `CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
       AS $$ BEGIN ${body} RETURN NEW; END $$`,
      `CREATE ${trigger} ON omnispindle.todo FOR EACH ROW EXECUTE FUNCTION public.meddle()`,
    );
  }

  /** The backends of the store that are at a statement like this. */
  const backends = (state: string, like = '%') =>
    admin(`SELECT pid FROM pg_stat_activity
      WHERE usename = '${postgres.requestRole}' AND state = '${state}' AND query LIKE '${like}'`);
  const terminate = (state: string, like?: string) =>
    eventually(`a backend that is ${state}`, async () => {
      const found = await backends(state, like);
      for (const { pid } of found) await admin(`SELECT pg_terminate_backend(${String(pid)})`);
      return found.length > 0;
    });
  const failsWith = (code: 'busy' | 'unavailable', says: RegExp) => (error: unknown) => {
    assert.ok(error instanceof StoreError && error.code === code, String(error));
    assert.match(error.message, says);
    assert.ok(!error.message.includes(new URL(postgres.databaseUrl).password));
    return true;
  };
  const todos = async () => (await ada.queryTodos({}, page)).total;

  it('is busy where every connection is in use, and goes on when one is free', async () => {
    await use({ poolSize: 1, connectionTimeout: 100 });
    const client = await store.pool.connect();
    await assert.rejects(ada.addTodo(spin), failsWith('busy', /Nothing was changed; try again/));
    await assert.rejects(store.check(), failsWith('busy', /try again/));
    client.release();
    await ada.addTodo(spin);
    assert.equal(await todos(), 1);
  });

  it('is busy where another one holds what it writes to, and writes nothing', async () => {
    await use({ lockTimeout: 100 });
    await ada.addTodo(spin);
    const other = new pg.Client({ connectionString: postgres.adminUrl });
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM omnispindle.owner FOR UPDATE');
    await assert.rejects(ada.addTodo(spin), failsWith('busy', /55P03/));
    assert.equal(await todos(), 1);
    await store.of(ownerOf('eve')).addTodo(spin);
    await other.end();
    await ada.addTodo(spin);
    assert.equal(await todos(), 2);
  });

  it('is busy where a statement takes too long, and writes nothing', async () => {
    await use({ statementTimeout: 200 });
    await meddle('PERFORM pg_sleep(60);');
    await assert.rejects(ada.addTodo(spin), failsWith('busy', /57014/));
    assert.equal(await todos(), 0);
  });

  for (const [name, code] of [
    ['a deadlock', '40P01'],
    ['a conflict', '40001'],
  ] as const) {
    it(`tries again after ${name}, and does once what it does`, async () => {
      await admin('DROP SEQUENCE IF EXISTS public.tries', 'CREATE SEQUENCE public.tries');
      await meddle(
        `IF nextval('public.tries') < 3 THEN RAISE 'in the way' USING ERRCODE = '${code}'; END IF;`,
      );
      await ada.addTodo(spin);
      assert.equal(await todos(), 1);
      assert.equal((await ada.queryLogs({}, page)).total, 1);
      assert.deepEqual((await ada.listProjects(page)).items, [{ project: 'wool', todos: 1, open: 1 }]);
    });

    it(`is busy where there is ${name} again and again`, async () => {
      await admin('DROP SEQUENCE IF EXISTS public.tries', 'CREATE SEQUENCE public.tries');
      await meddle(`PERFORM nextval('public.tries'); RAISE 'in the way' USING ERRCODE = '${code}';`);
      await assert.rejects(ada.addTodo(spin), failsWith('busy', new RegExp(code)));
      const [tries] = await admin('SELECT last_value FROM public.tries');
      assert.equal(tries?.['last_value'], '4');
      assert.equal(await todos(), 0);
    });
  }

  it('goes on with other connections where those that nobody uses are ended', async () => {
    await Promise.all([1, 2, 3].map(() => ada.addTodo(spin)));
    const ended = (await backends('idle')).length;
    assert.ok(ended > 1);
    await terminate('idle');
    await eventually('the end of all', () => store.pool.idleCount === 0);
    await store.check();
    assert.equal(await todos(), 3);
  });

  it('takes another connection where one was lost while nobody used it, which shows when it is used', async () => {
    const { port } = new URL(postgres.databaseUrl);
    const kept: Socket[] = [];
    let isLost = false;
    const way = createServer(socket => {
      const database = connect(Number(port), '127.0.0.1');
      const end = () => {
        socket.destroy();
        database.destroy();
      };
      socket.on('data', data => {
        // As a firewall does that has forgotten it.
        if (isLost && kept.includes(socket)) end();
        else database.write(data);
      });
      database.pipe(socket);
      for (const one of [socket, database]) one.on('error', end).on('close', end);
      if (!isLost) kept.push(socket);
    }).listen(0, '127.0.0.1');
    await once(way, 'listening');
    const url = new URL(postgres.databaseUrl);
    url.port = String((way.address() as AddressInfo).port);
    await use({ url: url.href });
    await ada.addTodo(spin);
    isLost = true;
    await ada.addTodo(spin);
    assert.equal(await todos(), 2);
    assert.equal((await ada.queryLogs({}, page)).total, 2);
    way.close();
  });

  it('says that nothing was changed where the connection is lost before the end', async () => {
    await meddle('PERFORM pg_sleep(60);');
    const adding = ada.addTodo(spin);
    await Promise.all([
      assert.rejects(adding, failsWith('unavailable', /57P01.*Nothing was changed/)),
      terminate('active', '%INSERT INTO%'),
    ]);
    assert.equal(await todos(), 0);
  });

  it('says that nobody knows where the connection is lost at the end', async () => {
    const trigger = 'CONSTRAINT TRIGGER meddling AFTER INSERT';
    await admin(
      `CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql
       AS $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$`,
      `CREATE ${trigger} ON omnispindle.todo DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION public.meddle()`,
    );
    const adding = ada.addTodo(spin);
    await Promise.all([
      assert.rejects(adding, failsWith('unavailable', /before it said whether the change is kept/)),
      terminate('active', 'COMMIT%'),
    ]);
  });

  it('is unavailable where the server does not speak', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = new URL(postgres.databaseUrl);
    url.port = String((silent.address() as AddressInfo).port);
    await assert.rejects(
      openPostgresStore({ url: url.href, log: noLog, connectionTimeout: 100 }),
      failsWith('unavailable', /timeout.*Check that Postgres runs/),
    );
    silent.close();
  });

  it('takes what is wrong with a statement for a mistake of ours', async () => {
    await assert.rejects(ada.queryTodos({ 'project = project OR project': 'x' } as object, page), TypeError);
    await meddle("RAISE 'a mistake' USING ERRCODE = '22012';");
    await assert.rejects(ada.addTodo(spin), /a mistake/);
  });
});
