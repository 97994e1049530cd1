import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };
import { temporaryDirectory } from '../auth/fixtures.ts';
import { describeNeeds } from '../needs.ts';
import { createAuthority, type Authority } from '../network/certificates.ts';
import { startProxy } from '../network/forwardProxy.ts';
import { installNodes, nodeOf, supported } from '../nodes.ts';
import { startRemoteServer } from '../bridge/remote/remoteServer.ts';
import { useUser } from '../tenant/useTenant.ts';
import {
  call,
  run,
  startClient,
  userEnvironment,
  visits,
  type Served,
  type Surroundings,
} from './fixtures.ts';
import { startKeyring, type Keyring } from './keyring.ts';
import { packAsNpm, startRegistry } from './registry.ts';

const root = join(import.meta.dirname, '..', '..');
const environmentServer = join(root, 'test', 'bridge', 'local', 'environmentServer.mjs');

/** A name that only the proxy can find. */
const elsewhere = 'remote.example';

/** A warning of somebody else's, which people must see. */
const theirs = '--import=data:text/javascript,process.emitWarning(`theirs`)';

describeNeeds(['Linux on x64', 'a keyring', 'OpenSSL'], '[W15] the packed command line', function () {
  this.timeout(60_000);
  const folder = temporaryDirectory();
  const script = join(folder.path, 'node_modules', 'omnispindle', 'dist', 'cli.js');
  /** One that uses the library. */
  const program = join(folder.path, 'program.js');
  const running: Served[] = [];
  let keyring: Keyring;
  let authority: Authority;
  const given = useUser(async () => {
    await Promise.all(running.splice(0).map(({ client }) => client.close()));
  });

  before(async () => {
    installNodes();
    authority = createAuthority(join(folder.path, 'authority'));
    keyring = await startKeyring(join(folder.path, 'keyring'));
    writeFileSync(join(folder.path, 'package.json'), '{"private":true,"type":"module"}');
    writeFileSync(
      program,
      "import { ensureAuthenticated } from 'omnispindle'; console.log(await ensureAuthenticated());",
    );
    const registry = await startRegistry(join(folder.path, 'registry'));
    try {
      const keyring = ['keyring', 'keyring-linux-x64-gnu'].map(name =>
        join('node_modules', '@napi-rs', name),
      );
      registry.publish(root, packAsNpm);
      for (const path of keyring) registry.publish(join(root, path));
      // Of no version that it does not claim to run on.
      await assert.rejects(install('22.15.1', registry.url), /EBADENGINE/);
      await install('22.19.0', registry.url);
    } finally {
      registry.close();
    }
  });
  after(async () => {
    await keyring.close();
    folder.remove();
  });

  /** Installs what was packed by an npm that runs on that Node.js and takes `engines` at its word. */
  async function install(version: string, registry: string): Promise<void> {
    const bin = join(folder.path, version);
    mkdirSync(bin);
    symlinkSync(nodeOf(version), join(bin, 'node'));
    await promisify(execFile)(
      'npm',
      ['install', '--no-audit', '--no-fund', '--engine-strict', 'omnispindle'],
      {
        cwd: folder.path,
        env: {
          PATH: [bin, process.env['PATH'] ?? ''].join(delimiter),
          HOME: folder.path,
          npm_config_registry: registry,
        },
      },
    );
  }

  const on = (version: string, more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    program: [nodeOf(version), script],
    ...more,
  });

  async function start(surroundings: Surroundings, ...args: string[]): Promise<Served> {
    const served = await startClient(args, surroundings);
    running.push(served);
    return served;
  }

  for (const version of Object.keys(supported)) {
    describe(`on Node.js ${version}`, () => {
      it('says its version and its help, and nothing of how it runs', async () => {
        const manifest = readFileSync(join(root, 'package.json'), 'utf8');
        const said = await run(on(version), '--version');
        assert.deepEqual(said, {
          code: 0,
          signal: null,
          stdout: `${(JSON.parse(manifest) as { version: string }).version}\n`,
          stderr: '',
        });
        const { code, stdout, stderr } = await run(on(version), 'help');
        assert.deepEqual([code, stderr], [0, '']);
        assert.match(stdout, /Commands:/);
      });

      it('keeps todos and finds them by their words', async () => {
        const { client, stderr } = await start(on(version, { env: { NODE_OPTIONS: theirs } }), 'serve');
        assert.equal((await client.listTools()).tools.length, toolList.length);
        const todo = { description: 'Spin the blue wool', project: 'wool' };
        const { result } = await call(client, 'add_todo', todo);
        const { id } = result?.['todo'] as { id: string };
        await call(client, 'complete_todo', { todo_id: id, comment: 'spun' });
        const found = await call(client, 'search_todos', { query: 'blue' });
        assert.deepEqual(
          (found.result?.['todos'] as { id: string; status: string }[]).map(todo => [todo.id, todo.status]),
          [[id, 'review']],
        );
        assert.deepEqual(
          stderr()
            .match(/.*Warning.*/g)
            ?.map(line => line.replace(/^\(node:\d+\) /, '')),
          ['Warning: theirs'],
        );
      });

      it('connects to a server, and runs one, with a token', async () => {
        const remote = await startRemoteServer();
        try {
          const { client, stderr } = await start(on(version), 'connect', remote.url, '--default-audience');
          const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hi' } });
          assert.deepEqual(content, [{ type: 'text', text: 'hi' }]);
          assert.match(remote.requests.at(-1)?.authorization ?? '', /^Bearer ey/);
          assert.doesNotMatch(stderr(), /Warning/);
          await client.close();
        } finally {
          await remote.stop();
        }
        const command = [process.execPath, environmentServer];
        const { client, stderr } = await start(
          on(version),
          'run',
          '--variable',
          'API_TOKEN',
          '--',
          ...command,
        );
        const { content } = await client.callTool({ name: 'state' });
        const { sub } = JSON.parse((content as { text: string }[])[0]?.text ?? '') as { sub: string };
        assert.equal(sub, 'auth0|ada');
        assert.doesNotMatch(stderr(), /Warning/);
        assert.equal(visits(given.directory).length, 1);
      });

      it('reaches servers and tenants through a proxy', async () => {
        const proxy = await startProxy();
        const certificate = authority.issue({ names: [`DNS:${elsewhere}`] });
        const remote = await startRemoteServer({ host: elsewhere, certificate });
        const env = { HTTPS_PROXY: `http://${proxy.address}`, NODE_EXTRA_CA_CERTS: authority.file };
        try {
          const { client, stderr } = await start(
            on(version, { env }),
            'connect',
            remote.url,
            '--default-audience',
          );
          const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hi' } });
          assert.deepEqual(content, [{ type: 'text', text: 'hi' }]);
          assert.doesNotMatch(stderr(), /Warning/);
          proxy.refuseWith = 502;
          await run(on(version, { env: { ...env, AUTH0_DOMAIN: 'tenant.example' } }), 'doctor');
          const asked = new Set(proxy.requests.map(({ method, url }) => `${String(method)} ${String(url)}`));
          assert.deepEqual([...asked].sort(), [
            `CONNECT ${elsewhere}:${String(remote.port)}`,
            'CONNECT tenant.example:443',
          ]);
        } finally {
          await remote.stop();
          await proxy.stop();
        }
      });

      it('signs in, with the keychain, also for a program, checks itself, and is what a client would start', async () => {
        const here = on(version, { env: keyring.env });
        const ran = async (...args: string[]) => {
          const { code, stdout, stderr } = await run(here, ...args);
          assert.equal(code, 0, stdout + stderr);
          assert.doesNotMatch(stderr, /Warning/);
          return stdout;
        };
        await ran('login');
        const kept = readdirSync(join(given.directory, 'data', 'sessions'));
        assert.match(kept.join(), /^[^,]+\.sealed$/);
        assert.match(await ran('whoami'), /ada@example\.com/);
        const said = await promisify(execFile)(nodeOf(version), [program], {
          cwd: given.directory,
          env: userEnvironment(here),
        });
        assert.deepEqual(said, { stdout: await ran('token'), stderr: '' });
        const { stdout, stderr } = await run(here, 'doctor');
        assert.match(stdout, /✔ Tenant:/);
        assert.match(stdout, /✔ Sessions:/);
        assert.doesNotMatch(stdout, /SQLite/);
        assert.equal(stderr, '');
        assert.match(await ran('init', '--print', '--client', 'cursor'), /"command": "\/.*node"/);
        assert.equal(visits(given.directory).length, 1);
        await ran('logout');
      });
    });
  }
});
