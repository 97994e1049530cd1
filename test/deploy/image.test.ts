import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { freePort } from '../freePort.ts';
import { describeNeeds } from '../needs.ts';
import { runSql, startPostgres, type TestPostgres } from '../postgres.ts';
import {
  dockerfile,
  imageEnvironment,
  instruction,
  rolesIn,
  startContainer,
  words,
  type Container,
} from './container.ts';

const root = join(import.meta.dirname, '..', '..');
const user = Number(instruction('USER').split(':')[0]);

// There is no engine for containers here: its steps are run in a clean folder, as that user.
describeNeeds(['root', 'Linux'], 'what the image holds', () => {
  const directory = temporaryDirectory();
  const app = join(directory.path, 'app');
  let postgres: TestPostgres;
  let server: Container;
  let port: number;

  before(async function () {
    this.timeout(120_000);
    chmodSync(directory.path, 0o755);
    mkdirSync(app);
    // The steps of the Dockerfile, but `npm ci && npm run build`: the tests have built it.
    const npm = (...args: string[]) => execFileSync('npm', [...args, '--silent'], { cwd: root });
    npm('pack', '--ignore-scripts', '--pack-destination', directory.path);
    const install = /^RUN (npm install .*) \/tmp\/omnispindle-\*\.tgz$/m.exec(dockerfile)?.[1] ?? '';
    const command = install.replace('/app', app);
    execFileSync('sh', ['-c', `${command} ${directory.path}/omnispindle-*.tgz`], { stdio: 'pipe' });

    postgres = await startPostgres({ isOwn: true });
    const passwords = { owner_password: 'abc123', requests_password: "it's" };
    const roles = join(root, 'deploy', 'database', 'roles.sql');
    for (const statement of rolesIn(roles, passwords)) await runSql(postgres.adminUrl, statement);
    port = await freePort();
    const env = {
      ...imageEnvironment(),
      DATABASE_URL_FILE: secret('database_url', 'omnispindle_requests', passwords.requests_password),
    };
    const owners = secret('migration_url', 'omnispindle_owner', passwords.owner_password);
    const asUser = { cwd: app, uid: user, gid: user };
    execFileSync(process.execPath, commandOf(words('ENTRYPOINT'), [...words('CMD'), '--migrate-only']), {
      ...asUser,
      env: { ...env, DATABASE_MIGRATION_URL_FILE: owners },
      stdio: 'pipe',
    });
    server = await startContainer(commandOf(words('ENTRYPOINT'), words('CMD')), {
      ...asUser,
      env: {
        ...env,
        OMNISPINDLE_PORT: String(port),
        OMNISPINDLE_URL: 'https://todos.example.com',
        OMNISPINDLE_STOP_DELAY: '0',
      },
    });
  });
  after(async () => {
    server.process.kill('SIGKILL');
    await postgres[Symbol.asyncDispose]();
    directory.remove();
  });

  function secret(name: string, role: string, password: string): string {
    const url = new URL(postgres.adminUrl);
    url.username = role;
    url.password = password;
    url.pathname = '/omnispindle';
    const path = join(directory.path, name);
    writeFileSync(path, `${url.href}\n`);
    return path;
  }

  /** Its command, here. */
  function commandOf(...parts: string[][]): string[] {
    const [program, ...rest] = parts.flat();
    assert.equal(program, 'node');
    return rest.map(word => word.replace(/^\/app/, app));
  }

  it('runs as a number, that is not root', () => {
    assert.ok(user > 0);
    const [status] =
      /^Uid:.*$/m.exec(readFileSync(`/proc/${String(server.process.pid)}/status`, 'utf8')) ?? [];
    assert.match(status ?? '', new RegExp(`^Uid:(?:\\t${String(user)}){4}$`));
  });

  it('answers that it is alive, and ready, with the database that roles.sql has made', async () => {
    for (const path of ['healthz', 'readyz']) {
      const response = await fetch(`http://127.0.0.1:${String(port)}/${path}`);
      assert.equal(response.status, 200, await response.text());
    }
    assert.doesNotMatch(server.log(), /abc123|it's|it%27s/);
  });

  it('finds out by itself whether it is well, without a shell', () => {
    const check = commandOf(words('HEALTHCHECK'));
    const statusOf = (args: string[]) =>
      spawnSync(process.execPath, args, {
        uid: user,
        gid: user,
        env: { ...imageEnvironment(), OMNISPINDLE_PORT: String(port) },
      }).status;
    assert.equal(statusOf(check), 0);
    assert.equal(statusOf(check.map(word => word.replace('healthz', 'nothing'))), 1);
    assert.match(instruction('HEALTHCHECK'), /OMNISPINDLE_PORT \|\| 8770\}\/healthz/);
  });

  it('writes nothing to its root', () => {
    const files = execFileSync('find', [app, '-user', String(user)], { encoding: 'utf8' });
    assert.equal(files, '');
  });

  it('ends well when it is stopped', async () => {
    const ended = once(server.process, 'exit');
    server.process.kill(instruction('STOPSIGNAL') as NodeJS.Signals);
    assert.deepEqual((await ended)[0], 0, server.log());
  });
});
