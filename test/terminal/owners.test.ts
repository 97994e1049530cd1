import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defaultTenant, issuerOf } from '../../src/auth/tenant.ts';
import { databaseIn, writeFirstRelease } from '../store/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { openWindow } from '../broker/fixtures.ts';
import { call, run, signIn, start as startCommand, type Surroundings } from './fixtures.ts';
import { useServers } from './useServers.ts';

const ada = 'auth0|ada';

describe('two tenants that both know auth0|ada', () => {
  const given = useServers();
  let other: DemoTenant;
  before(async () => {
    other = await startTenant();
  });
  after(() => other.close());

  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });
  const data = () => join(given.directory, 'data');
  const total = async (tenant: DemoTenant) =>
    (await call((await given.start({ tenant })).client, 'query_todos')).result?.['total'];

  it('[T4] keep their todos apart on one machine: neither is seen, changed or deleted by the other', async () => {
    const mine = await given.start();
    const added = await call(mine.client, 'add_todo', { description: 'Spin', project: 'wool' });
    const todo_id = (added.result?.['todo'] as { id: string }).id;
    const stranger = await given.start({ tenant: other });
    assert.equal((await call(stranger.client, 'whoami')).result?.['sub'], ada);
    assert.match((await call(stranger.client, 'get_todo', { todo_id })).error ?? '', /nothing of yours/);
    assert.match((await call(stranger.client, 'delete_todo', { todo_id })).error ?? '', /nothing of yours/);
    for (const [name, input] of [
      ['query_todos', {}],
      ['search_todos', { query: 'spin' }],
      ['query_todo_logs', {}],
    ] as const) {
      assert.equal((await call(stranger.client, name, input)).result?.['total'], 0, name);
    }
    assert.ok((await call(mine.client, 'get_todo', { todo_id })).result);
  });

  it('[T4] get what they wrote before tenants were told apart, by the one session that is kept', async () => {
    await signIn(here({ tenant: other }));
    writeFirstRelease(data(), [ada]);
    assert.equal(await total(other), 1);
    assert.equal(await total(given.tenant), 0);
    assert.doesNotMatch((await run(here(), 'doctor')).stdout, /Todos:/);
  });

  it('[T4] do not get it where both sessions are kept: doctor says so, and claim asks', async () => {
    await signIn(here());
    await signIn(here({ tenant: other }));
    writeFirstRelease(data(), [ada]);
    assert.equal(await total(given.tenant), 0);
    assert.equal(await total(other), 0);
    const { stdout } = await run(here(), 'doctor');
    assert.match(stdout, /✘ Todos: 1 todos and 1 lessons of auth0\|ada,.*were given to https:\/\/dev-/);
    assert.match(stdout, /run: omnispindle claim --account "auth0\|ada"/);
    for (const [answer, has] of [
      ['n', 0],
      ['y', 1],
    ] as const) {
      const claiming = startCommand(here({ tenant: other }), 'claim', '--account', ada);
      await claiming.says(/Are they yours/);
      claiming.stdin.end(`${answer}\n`);
      assert.equal((await claiming.ended).code, 0);
      assert.equal(await total(other), has);
    }
    assert.equal(await total(given.tenant), 0);
    assert.doesNotMatch((await run(here(), 'doctor')).stdout, /Todos:/);
  });

  it('[T4] do not get it by a token of one’s own, which is no session', async () => {
    writeFirstRelease(data(), [ada]);
    const env = { AUTH0_TOKEN: await other.sign({ sub: ada }) };
    const { client } = await given.start({ tenant: other, env });
    assert.equal((await call(client, 'query_todos')).result?.['total'], 0);
    const { stdout } = await run(here(), 'doctor');
    assert.match(stdout, /✔ Todos: 1 todos and 1 lessons .*omnispindle login.*omnispindle claim$/m);
  });

  it('[T4] get it in the editor, which keeps the sessions, by the account that the server runs as', async () => {
    writeFirstRelease(data(), [ada, 'auth0|eve']);
    const accessToken = await other.sign({ sub: ada });
    const window = openWindow(() =>
      Promise.resolve({ accessToken, expiresAt: Date.now() + 3_600_000, lifetime: 3_600_000 }),
    );
    const { env } = await window.grant(ada);
    try {
      const { client } = await given.start({ tenant: other, env });
      assert.equal((await call(client, 'query_todos')).result?.['total'], 1);
    } finally {
      await given.close();
      await window.dispose();
    }
    const database = new DatabaseSync(databaseIn(data()));
    const rows = database
      .prepare('SELECT sub, issuer FROM todo JOIN owner ON owner.id = todo.owner ORDER BY sub')
      .all();
    database.close();
    assert.deepEqual(
      rows.map(row => ({ ...row })),
      [
        { sub: ada, issuer: issuerOf(other) },
        { sub: 'auth0|eve', issuer: issuerOf(defaultTenant) },
      ],
    );
  });

  it('[T4] [T8] say by an older copy that meets a newer database the one command that helps, and touch nothing', async () => {
    await call((await given.start()).client, 'whoami');
    await given.close();
    mkdirSync(data(), { recursive: true });
    const newer = new DatabaseSync(databaseIn(data()));
    newer.exec('PRAGMA journal_mode = WAL; CREATE TABLE later (x); PRAGMA user_version = 999');
    newer.close();
    chmodSync(databaseIn(data()), 0o644);
    const state = () => ({
      names: readdirSync(data()).filter(name => name.startsWith('omnispindle.db')),
      bytes: readFileSync(databaseIn(data()), 'base64'),
      mode: statSync(databaseIn(data())).mode,
    });
    const before = state();
    const { error } = await call((await given.start()).client, 'list_projects');
    assert.match(error ?? '', /newer Omnispindle.*npx -y omnispindle@latest init$/);
    const { code, stdout } = await run(here(), 'doctor');
    assert.equal(code, 1);
    assert.match(stdout, /✘ Todos: .*npx -y omnispindle@latest init$/m);
    assert.deepEqual(state(), before);
  });
});
