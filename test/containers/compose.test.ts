import assert from 'node:assert/strict';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readCompose } from '../deploy/container.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { teamScopes } from '../team/team.ts';
import { findEngine, type Engine } from './engine.ts';
import { callAs, logOf, publicUrl, stateOf, untilReady } from './serving.ts';
import { copySources, type Sources } from './sources.ts';
import { provideBaseImages } from './standIns.ts';

/** compose.yaml has the first; a second replica gets the next. */
const ports = { omnispindle: 8770, second: 8771 };

// What README's "For a team" says, on an engine: the secrets, then compose. The tenant listens on this machine's
// loopback, where no container reaches it, and plain http is for loopback alone; so each replica has it on a loopback of
// its own, by a socket in a folder.
describe('deploy/compose.yaml, brought up by an engine', function () {
  this.timeout(120_000);
  const ends: (() => unknown)[] = [];
  let engine: Engine;
  let sources: Sources;
  let tenant: DemoTenant;

  before(async function () {
    this.timeout(900_000);
    engine = await findEngine();
    await provideBaseImages(engine);
    sources = copySources();
    ends.push(() => {
      sources[Symbol.dispose]();
    });
    tenant = await startTenant({ apis: [{ identifier: `${publicUrl}/mcp`, scopes: teamScopes }] });
    ends.push(tenant.close);
    const sockets = join(sources.path, 'sockets');
    mkdirSync(sockets);
    const socket = await socketTo(tenant.port, join(sockets, 'tenant'));
    ends.push(() => socket.close());
    chmodSync(join(sockets, 'tenant'), 0o777);
    execFileSync(join(sources.path, 'deploy', 'make-secrets.sh'), { stdio: 'ignore' });
    const settings = { OMNISPINDLE_URL: publicUrl, AUTH0_DOMAIN: tenant.domain };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(sources.path, 'settings.env'), lines.join(''));
    writeFileSync(join(sources.path, 'deploy', 'test.yaml'), stringify(additions(sockets)));
    ends.push(() => compose('down', '--volumes', '--timeout', '30'));
    await compose('up', '--build', '--detach');
  });
  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  const compose = (...args: string[]) => {
    const file = (name: string) => ['-f', join(sources.path, 'deploy', name)];
    const settings = ['--env-file', join(sources.path, 'settings.env')];
    return engine.run('compose', ...settings, ...file('compose.yaml'), ...file('test.yaml'), ...args);
  };
  const containerOf = (service: string) => compose('ps', '--all', '--quiet', service);

  /** A second replica, and for each the tenant. */
  function additions(sockets: string): object {
    const { omnispindle } = readCompose(join(sources.path, 'deploy', 'compose.yaml')).services;
    const forward = `require('net').createServer(from => {
      const to = require('net').connect('/sockets/tenant');
      for (const [a, b] of [[from, to], [to, from]]) a.on('error', () => b.destroy()).pipe(b);
    }).listen(${String(tenant.port)}, '127.0.0.1')`;
    const tenantOf = (service: string) => ({
      image: 'omnispindle',
      network_mode: `service:${service}`,
      depends_on: [service],
      volumes: [`${sockets}:/sockets`],
      entrypoint: ['node', '-e', forward],
      command: [],
      healthcheck: { disable: true },
      init: true,
    });
    return {
      services: {
        second: { ...omnispindle, build: undefined, ports: [`127.0.0.1:${String(ports.second)}:8770`] },
        'tenant-of-omnispindle': tenantOf('omnispindle'),
        'tenant-of-second': tenantOf('second'),
      },
    };
  }

  it('has two replicas that share what people write, and keep people apart', async () => {
    for (const [service, port] of Object.entries(ports)) {
      await untilReady(engine, await containerOf(service), port);
    }
    const described = async (sub: string, port: number) => {
      const { todos } = await callAs(tenant, sub, port, 'query_todos', {});
      return (todos as { description: string }[]).map(({ description }) => description).sort();
    };
    for (const [service, port] of Object.entries(ports)) {
      await callAs(tenant, 'auth0|ada', port, 'add_todo', { description: service, project: 'wool' });
    }
    for (const port of Object.values(ports)) {
      assert.deepEqual(await described('auth0|ada', port), ['omnispindle', 'second']);
      assert.deepEqual(await described('auth0|lin', port), []);
    }
  });

  it('tells no password, neither in a log nor in what it says of a container', async () => {
    const folder = join(sources.path, 'deploy', 'secrets');
    const secrets = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8').trim());
    assert.equal(secrets.length, 5);
    for (const service of ['omnispindle', 'second', 'postgres']) {
      const container = await containerOf(service);
      const told = (await logOf(engine, container)) + (await engine.run('inspect', container));
      assert.ok(
        secrets.every(secret => !told.includes(secret)),
        service,
      );
    }
  });

  it('has replicas with no rights, that see their own health', async () => {
    for (const service of Object.keys(ports)) {
      const container = await containerOf(service);
      const { Pid } = await stateOf(engine, container);
      const status = readFileSync(`/proc/${String(Pid)}/status`, 'utf8');
      assert.match(status, /^Uid:(?:\t10001){4}$/m);
      assert.match(status, /^CapEff:\t0+$/m);
      assert.match(status, /^CapBnd:\t0+$/m);
      assert.match(status, /^NoNewPrivs:\t1$/m);
      await assert.rejects(engine.run('exec', container, 'touch', '/app/x'), /Read-only file system/);
    }
  });

  it('lets a replica end by itself, and starts it again with what was written', async () => {
    const container = await containerOf('omnispindle');
    await compose('stop', 'omnispindle');
    assert.equal((await stateOf(engine, container)).ExitCode, 0, await logOf(engine, container));
    await compose('start', 'omnispindle', 'tenant-of-omnispindle');
    await untilReady(engine, container, ports.omnispindle);
    const { todos } = await callAs(tenant, 'auth0|ada', ports.second, 'query_todos', {});
    assert.equal((todos as unknown[]).length, 2);
  });
});

/** A socket in a folder that leads to that port of this machine. */
async function socketTo(port: number, path: string): Promise<Server> {
  const server = createServer(from => {
    const to = connect(port, '127.0.0.1');
    for (const [a, b] of [
      [from, to],
      [to, from],
    ] as const) {
      a.on('error', () => b.destroy()).pipe(b);
    }
  }).listen(path);
  await once(server, 'listening');
  return server;
}
