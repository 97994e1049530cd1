import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { rolesIn } from '../deploy/container.ts';
import { freePort } from '../freePort.ts';
import { runSql, startPostgres, type TestPostgres } from '../postgres.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { teamScopes } from '../team/team.ts';
import { findEngine, type Engine } from './engine.ts';
import { callAs, logOf, publicUrl, stateOf, untilReady } from './serving.ts';
import { copySources } from './sources.ts';
import { provideBaseImages } from './standIns.ts';

const image = 'omnispindle-test/server';
const container = `omnispindle-test-${String(process.pid)}`;
const passwords = { owner_password: 'ownerPassword7', requests_password: "requests'Password7" };

/** As a careful operator runs it. */
const confined = [
  '--read-only',
  '--tmpfs',
  '/tmp',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
];

describe('the image of deploy/Dockerfile, built and run by an engine', function () {
  this.timeout(120_000);
  const directory = temporaryDirectory();
  const ends: (() => unknown)[] = [directory.remove];
  let engine: Engine;
  let tenant: DemoTenant;
  let postgres: TestPostgres;
  let port: number;

  before(async function () {
    this.timeout(900_000);
    engine = await findEngine();
    const standIns = await provideBaseImages(engine);
    if (standIns.length > 0) console.log(`    No registry: stood in for ${standIns.join(', ')}.`);
    using sources = copySources();
    // Nothing of it may get into an image.
    mkdirSync(join(sources.path, 'deploy', 'secrets'));
    writeFileSync(join(sources.path, 'deploy', 'secrets', 'owner_password'), passwords.owner_password);
    const format = engine.name === 'podman' ? ['--format', 'docker'] : [];
    const file = join(sources.path, 'deploy', 'Dockerfile');
    await engine.run('build', ...format, '--network', 'host', '-f', file, '-t', image, sources.path);

    tenant = await startTenant({ apis: [{ identifier: `${publicUrl}/mcp`, scopes: teamScopes }] });
    postgres = await startPostgres({ isOwn: true });
    ends.push(tenant.close, () => postgres[Symbol.asyncDispose]());
    const roles = join(import.meta.dirname, '..', '..', 'deploy', 'database', 'roles.sql');
    for (const statement of rolesIn(roles, passwords)) await runSql(postgres.adminUrl, statement);
    // The image's user is another one.
    chmodSync(directory.path, 0o755);
    secret('database_url', 'omnispindle_requests', passwords.requests_password);
    secret('migration_url', 'omnispindle_owner', passwords.owner_password);
    port = await freePort();
  });
  afterEach(() => engine.run('rm', '--force', '--volumes', container).catch(() => undefined));
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  function secret(name: string, role: string, password: string): void {
    const url = new URL(postgres.adminUrl);
    Object.assign(url, { username: role, password, pathname: '/omnispindle' });
    writeFileSync(join(directory.path, name), `${url.href}\n`, { mode: 0o644 });
  }

  const withDatabase = () => [
    ...['--volume', `${directory.path}:/run/secrets:ro`],
    ...['--env', 'DATABASE_URL_FILE=/run/secrets/database_url'],
    ...['--env', 'DATABASE_MIGRATION_URL_FILE=/run/secrets/migration_url'],
  ];

  /** Starts it on this machine's own network, where tenant and database are. */
  async function start(...options: string[]): Promise<void> {
    const settings = {
      OMNISPINDLE_HOST: '127.0.0.1',
      OMNISPINDLE_PORT: String(port),
      OMNISPINDLE_URL: publicUrl,
      AUTH0_DOMAIN: tenant.domain,
    };
    const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    await engine.run('run', '--detach', '--name', container, '--network', 'host', ...env, ...options, image);
  }
  const as = (sub: string, tool: string, input: Record<string, unknown>) =>
    callAs(tenant, sub, port, tool, input);

  it('serves people from Postgres, with no rights and nothing to write to, and ends with 0', async () => {
    await start(...confined, ...withDatabase());
    await untilReady(engine, container, port);
    await as('auth0|ada', 'add_todo', { description: 'Card the wool', project: 'spinning' });
    const { todos } = await as('auth0|ada', 'query_todos', {});
    assert.deepEqual(
      (todos as { description: string }[]).map(({ description }) => description),
      ['Card the wool'],
    );
    assert.deepEqual((await as('auth0|lin', 'query_todos', {}))['todos'], []);

    const { Pid } = await stateOf(engine, container);
    const status = readFileSync(`/proc/${String(Pid)}/status`, 'utf8');
    assert.match(status, /^Uid:(?:\t10001){4}$/m);
    assert.match(status, /^Gid:(?:\t10001){4}$/m);
    for (const kind of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) {
      assert.match(status, RegExp(`^Cap${kind}:\t0+$`, 'm'));
    }
    assert.match(status, /^NoNewPrivs:\t1$/m);

    await engine.run('stop', '-t', '30', container);
    assert.equal((await stateOf(engine, container)).ExitCode, 0, await logOf(engine, container));
    const told = (await logOf(engine, container)) + (await engine.run('inspect', container));
    for (const password of Object.values(passwords)) {
      assert.ok(!told.includes(password) && !told.includes(encodeURIComponent(password)));
    }
  });

  it('writes to its data directory and to /tmp alone', async () => {
    await start(...withDatabase());
    await untilReady(engine, container, port);
    await as('auth0|ada', 'list_projects', {});
    const changed = (await engine.run('diff', container)).split('\n').filter(line => line !== '');
    // Directories on the way to what is mounted, or to what was written, are called changed.
    assert.deepEqual(
      changed.filter(line => !/^[AC] \/(?:data|tmp|run|etc|dev|proc|sys)(?:\/|$)/.test(line)),
      [],
    );
    assert.deepEqual(
      changed.filter(line => /^[AC] \/etc\/(?!hosts|hostname|resolv\.conf|mtab)/.test(line)),
      [],
    );
  });

  it('finds out by itself that it is well', async () => {
    await start(...confined, ...withDatabase());
    await untilReady(engine, container, port);
    const { Test } = JSON.parse(
      await engine.run('image', 'inspect', '--format', '{{json .Config.Healthcheck}}', image),
    ) as { Test: string[] };
    assert.equal(Test[0], 'CMD');
    await engine.run('exec', container, ...Test.slice(1));
    await assert.rejects(
      engine.run(
        'exec',
        '--env',
        `OMNISPINDLE_PORT=${String(await freePort())}`,
        container,
        ...Test.slice(1),
      ),
    );
  });

  it('keeps SQLite in a volume, for one server, over its end', async () => {
    const volume = ['--volume', `${container}:/data`];
    await start(...confined, ...volume);
    await untilReady(engine, container, port);
    await as('auth0|ada', 'add_todo', { description: 'Spin the wool', project: 'spinning' });
    await engine.run('stop', '-t', '30', container);
    assert.equal((await stateOf(engine, container)).ExitCode, 0, await logOf(engine, container));
    await engine.run('rm', container);
    await start(...confined, ...volume);
    await untilReady(engine, container, port);
    const { todos } = await as('auth0|ada', 'query_todos', {});
    assert.equal((todos as unknown[]).length, 1);
    await engine.run('rm', '--force', container);
    await engine.run('volume', 'rm', container);
  });

  it('ends at once when it is told to while its database does not answer', async () => {
    await postgres.stop();
    try {
      const silent = createServer().listen(Number(new URL(postgres.adminUrl).port), '127.0.0.1');
      await once(silent, 'listening');
      const asked = once(silent, 'connection');
      await start(...confined, ...withDatabase());
      await asked;
      await engine.run('stop', '-t', '30', container);
      silent.close();
      assert.equal((await stateOf(engine, container)).ExitCode, 0, await logOf(engine, container));
    } finally {
      await postgres.start();
    }
  });

  it('holds the server, and nothing that it was built with', async () => {
    const list = (path: string) =>
      engine.run('run', '--rm', '--network', 'none', '--entrypoint', 'ls', image, '-A', path);
    assert.deepEqual((await list('/app/node_modules')).split('\n').sort(), [
      '.bin',
      '.package-lock.json',
      'omnispindle',
    ]);
    await assert.rejects(list('/src'));
    assert.equal(await list('/data'), '');
    const found = await engine
      .run(
        ...['run', '--rm', '--network', 'none', '--user', '0', '--entrypoint', 'grep', image],
        ...[
          '-rlE',
          '--exclude-dir=proc',
          '--exclude-dir=sys',
          `${passwords.owner_password}|test/deploy`,
          '/app',
          '/data',
          '/tmp',
        ],
      )
      .catch((error: unknown) => {
        // grep found nothing.
        if ((error as { code?: unknown }).code === 1) return '';
        throw error;
      });
    assert.equal(found, '');
  });

  it('is started as its settings say, by a number', async () => {
    const config = JSON.parse(
      await engine.run('image', 'inspect', '--format', '{{json .Config}}', image),
    ) as {
      User: string;
      Entrypoint: string[];
      Cmd: string[];
      ExposedPorts: object;
      StopSignal: string;
      Env: string[];
    };
    assert.equal(config.User, '10001:10001');
    assert.deepEqual(config.Cmd, ['serve', '--http']);
    assert.deepEqual(Object.keys(config.ExposedPorts), ['8770/tcp']);
    assert.match(config.StopSignal, /^(?:SIGTERM|15)$/);
    for (const entry of config.Env) assert.doesNotMatch(entry, /PASSWORD|SECRET|TOKEN|DATABASE/);
  });
});
