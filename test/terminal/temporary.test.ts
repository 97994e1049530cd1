import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { stranger } from '../platform/plants.ts';
import { startRemoteServer, type RemoteServer } from '../bridge/remote/remoteServer.ts';
import { useUser } from '../tenant/useTenant.ts';
import { cli, userEnvironment } from './fixtures.ts';
import { packageWith, startRegistry, type Registry } from './registry.ts';
import { describeNeeds } from '../needs.ts';

const library = pathToFileURL(join(cli, '..', 'index.js')).href;
const environmentServer = join(import.meta.dirname, '..', 'bridge', 'local', 'environmentServer.mjs');

describeNeeds(['root'], '[T7] the temporary directory of a user', () => {
  let remote: RemoteServer;
  let registry: Registry;
  const packages = temporaryDirectory();
  const given = useUser();
  const temporary = () => join(given.directory, 'tmp');

  before(async () => {
    remote = await startRemoteServer({});
    registry = await startRegistry(join(packages.path, 'registry'));
    registry.publish(packageWith(join(packages.path, 'own'), {}));
    for (const name of ['keyring', 'keyring-linux-x64-gnu']) {
      registry.publish(join(import.meta.dirname, '..', '..', 'node_modules', '@napi-rs', name));
    }
  });
  after(async () => {
    await remote.stop();
    registry.close();
    packages.remove();
  });
  beforeEach(() => {
    for (const name of ['tmp', 'data']) mkdirSync(join(given.directory, name), { mode: 0o700 });
    for (const path of [given.directory, temporary(), join(given.directory, 'data')]) {
      chownSync(path, stranger, stranger);
    }
    writeFileSync(join(given.directory, '.npmrc'), `registry=${registry.url}\n`);
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, args, {
      env: userEnvironment({
        tenant: given.tenant,
        directory: given.directory,
        env: { TMPDIR: temporary(), XDG_CONFIG_HOME: join(given.directory, '.config') },
      }),
      cwd: given.directory,
      uid: stranger,
      gid: stranger,
      stdio: 'pipe',
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { child, said: () => said };
  }

  /** Runs a program to its end. */
  async function run(...args: string[]): Promise<void> {
    const { child, said } = start(...args);
    child.stdin.end('yes\n');
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 0, said());
  }

  /** Starts a command that is a server, and calls one of its tools. @returns the answer */
  async function callTool(name: string, ...args: string[]): Promise<string> {
    const { child, said } = start(cli, ...args);
    const clientInfo = { name: 'test', version: '1' };
    const send = (message: object) =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    send({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"id":1')) {
        send({ method: 'notifications/initialized' });
        send({ id: 2, method: 'tools/call', params: { name, arguments: {} } });
      } else if (line.includes('"id":2')) {
        child.stdin.end();
        await once(child, 'close');
        return line;
      }
    }
    throw new Error(said());
  }

  const signIn = () => run(cli, 'login');
  const uses: Record<string, () => Promise<unknown>> = {
    'omnispindle --help': () => run(cli, '--help'),
    'omnispindle login': signIn,
    'omnispindle login --device': () => run(cli, 'login', '--device'),
    'omnispindle whoami': () => signIn().then(() => run(cli, 'whoami')),
    'omnispindle token': () => signIn().then(() => run(cli, 'token')),
    'omnispindle logout': () => signIn().then(() => run(cli, 'logout')),
    'omnispindle init': () => run(cli, 'init', '--client', 'cursor'),
    'omnispindle init --npx': () => run(cli, 'init', '--client', 'cursor', '--npx'),
    'omnispindle reset': () => signIn().then(() => run(cli, 'reset')),
    'omnispindle doctor': () => signIn().then(() => run(cli, 'doctor')),
    'omnispindle claim': () => signIn().then(() => run(cli, 'claim')),
    'omnispindle trust': () => run(cli, 'trust', '--list'),
    'omnispindle serve': async () => assert.match(await callTool('list_projects', 'serve'), /"projects"/),
    'omnispindle connect': async () =>
      assert.match(await callTool('hidden_tool', 'connect', remote.url, '--default-audience'), /result/),
    'omnispindle run': async () =>
      assert.match(
        await callTool('state', 'run', '--variable', 'API_TOKEN', '--', process.execPath, environmentServer),
        /result/,
      ),
    'the library': async () => {
      const program = join(given.directory, 'program.mjs');
      writeFileSync(
        program,
        `import { ensureAuthenticated } from '${library}'; await ensureAuthenticated();`,
      );
      chmodSync(program, 0o644);
      await run(program);
    },
  };
  for (const [name, use] of Object.entries(uses)) {
    it(`is as empty as it was after ${name}`, async () => {
      await use();
      assert.deepEqual(readdirSync(temporary()), []);
    });
  }
});
