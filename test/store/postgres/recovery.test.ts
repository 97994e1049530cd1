import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import pg from 'pg';
import { noLog } from '../../../src/common/log.ts';
import { openPostgresStore } from '../../../src/store/postgres/postgresStore.ts';
import { StoreError } from '../../../src/store/storeError.ts';
import { eventually } from '../../eventually.ts';
import { runSql, startPostgres } from '../../postgres.ts';
import { ownerOf } from '../fixtures.ts';
import { pages } from '../contract/setup.ts';

const spin = { description: 'Spin', project: 'wool' };

describe('a Postgres store that is in use', () => {
  it('loses nothing that it has acknowledged while Postgres is started again, and goes on by itself', async () => {
    await using postgres = await startPostgres({ isOwn: true });
    const { databaseUrl: url, migrationUrl } = postgres;
    const store = await openPostgresStore({ url, migrationUrl, log: noLog });
    const people = ['ada', 'eve', 'joe'].map(sub => ({
      mine: store.of(ownerOf(sub)),
      kept: new Set<string>(),
      tried: new Set<string>(),
    }));
    let [isOver, failures] = [false, 0];
    const work = people.flatMap(({ mine, kept, tried }) =>
      [1, 2, 3].map(async worker => {
        for (let i = 0; !isOver; i++) {
          const description = `${String(worker)} ${String(i)}`;
          tried.add(description);
          try {
            await mine.addTodo({ description, project: 'wool' });
            kept.add(description);
          } catch (error) {
            assert.ok(error instanceof StoreError, String(error));
            failures++;
          }
        }
      }),
    );
    const keeps = (more: number) =>
      eventually(`${String(more)} todos each`, () => people.every(({ kept }) => kept.size >= more));
    for (let round = 1; round <= 3; round++) {
      await keeps(round * 20);
      await postgres.stop();
      await assert.rejects(
        store.check(),
        error => error instanceof StoreError && error.code === 'unavailable',
      );
      await postgres.start();
    }
    await keeps(80);
    isOver = true;
    await Promise.all(work);
    assert.ok(failures > 0);
    for (const { mine, kept, tried } of people) {
      const found = (await pages(one => mine.queryTodos({}, one), 500)).map(todo => todo.description);
      assert.equal(new Set(found).size, found.length);
      assert.deepEqual(
        [...kept].filter(description => !found.includes(description)),
        [],
      );
      assert.ok(found.every(description => tried.has(description)));
      const [project] = (await mine.listProjects({ limit: 1, offset: 0 })).items;
      assert.equal(project?.todos, found.length);
      assert.equal((await pages(one => mine.queryLogs({}, one), 500)).length, found.length);
    }
    await store.close();
  });

  it('gets over a deadlock with somebody else', async () => {
    await using postgres = await startPostgres({ isOwn: true });
    const { databaseUrl: url, migrationUrl, adminUrl, requestRole } = postgres;
    await runSql(adminUrl, `ALTER ROLE ${requestRole} SET deadlock_timeout = '3s'`);
    const store = await openPostgresStore({
      url,
      migrationUrl,
      log: noLog,
      lockTimeout: 60_000,
      statementTimeout: 60_000,
    });
    const ada = store.of(ownerOf('ada'));
    await ada.addTodo(spin);
    const other = new pg.Client({ connectionString: adminUrl });
    await other.connect();
    for (const statement of [
      "SET deadlock_timeout = '1h'",
      'BEGIN',
      'UPDATE omnispindle.project_count SET todos = todos',
    ]) {
      await other.query(statement);
    }
    const adding = ada.addTodo(spin);
    await eventually('a wait', async () => {
      return (await runSql(adminUrl, 'SELECT 1 FROM pg_locks WHERE NOT granted')).length === 1;
    });
    // Now each waits for the other.
    await other.query('UPDATE omnispindle.owner SET todos = todos');
    await other.query('COMMIT');
    await adding;
    const [deadlocks] = await runSql(
      adminUrl,
      'SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database WHERE datname = current_database()',
    );
    assert.equal(deadlocks?.['deadlocks'], '1');
    assert.deepEqual((await ada.listProjects({ limit: 2, offset: 0 })).items, [
      { project: 'wool', todos: 2, open: 2 },
    ]);
    await other.end();
    await store.close();
  });

  it('gives up a connection on which nothing comes back', async () => {
    await using postgres = await startPostgres({ isOwn: true });
    const { databaseUrl, migrationUrl } = postgres;
    const target = Number(new URL(databaseUrl).port);
    let isStalled = false;
    const sockets = new Set<Socket>();
    const proxy = createServer(socket => {
      const upstream = connect(target, '127.0.0.1');
      for (const one of [socket, upstream]) {
        sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          socket.destroy();
          upstream.destroy();
        });
      }
      socket.pipe(upstream);
      upstream.on('data', data => {
        if (!isStalled) socket.write(data);
      });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = new URL(databaseUrl);
    url.port = String((proxy.address() as AddressInfo).port);
    const store = await openPostgresStore({
      url: url.href,
      migrationUrl,
      log: noLog,
      statementTimeout: 200,
      connectionTimeout: 500,
    });
    const ada = store.of(ownerOf('ada'));
    await ada.addTodo(spin);
    isStalled = true;
    const unavailable = (error: unknown) => error instanceof StoreError && error.code === 'unavailable';
    await assert.rejects(ada.addTodo(spin), unavailable);
    await assert.rejects(ada.addTodo(spin), unavailable);
    isStalled = false;
    await ada.addTodo({ ...spin, project: 'silk' });
    assert.equal((await ada.listProjects({ limit: 2, offset: 0 })).items[0]?.project, 'silk');
    await store.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
});
