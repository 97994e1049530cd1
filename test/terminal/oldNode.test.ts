import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { isSupportedNode } from '../../src/terminal/supportedNode.ts';
import { openWindow, token } from '../broker/fixtures.ts';
import { forServers, library as libraryPath } from '../bundle.ts';
import { describeNeeds } from '../needs.ts';
import { installNodes, nodeOf, tooOld } from '../nodes.ts';
import { startRemoteServer } from '../bridge/remote/remoteServer.ts';
import { useUser } from '../tenant/useTenant.ts';
import { call, cli, run, startClient, type Served, type Surroundings } from './fixtures.ts';

const root = join(import.meta.dirname, '..', '..');
const library = pathToFileURL(libraryPath).href;

describeNeeds(['Linux on x64'], '[W15] a Node.js that is too old', function () {
  this.timeout(60_000);
  const running: Served[] = [];
  const given = useUser(async () => {
    await Promise.all(running.splice(0).map(({ client }) => client.close()));
  });
  before(() => {
    installNodes();
  });

  const on = (version: string, env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    program: [nodeOf(version), cli],
    env,
  });

  async function start(surroundings: Surroundings, ...args: string[]): Promise<Served> {
    const served = await startClient(args, surroundings);
    running.push(served);
    return served;
  }

  it('is one that package.json does not name', () => {
    for (const name of ['package.json', 'package-lock.json']) {
      const { engines, packages } = JSON.parse(readFileSync(join(root, name), 'utf8')) as {
        engines?: { node: string };
        packages?: Record<string, { engines: { node: string } }>;
      };
      assert.equal((engines ?? packages?.['']?.engines)?.node, '^22.19.0 || >=24.0.0', name);
    }
    const versions = [
      '18.20.8',
      '22.9.0',
      '22.18.0',
      '22.19.0',
      '22.100.0',
      '23.11.1',
      '24.0.0',
      '25.0.0',
      '100.0.0',
    ];
    assert.deepEqual(
      versions.filter(version => isSupportedNode(version)),
      ['22.19.0', '22.100.0', '24.0.0', '25.0.0', '100.0.0'],
    );
  });

  for (const version of Object.keys(tooOld)) {
    const needs = `Omnispindle needs Node.js 22 from 22.19 on, or 24 or newer; this is ${version}. Install it from https://nodejs.org, then try again.`;

    describe(version, () => {
      for (const args of [
        ['--version'],
        ['help'],
        ['serve'],
        ['whoami'],
        ['doctor', '--json'],
        ['reset'],
        ['run', '--help'],
      ]) {
        it(`is said in one line, and nothing else is done: ${args.join(' ')}`, async () => {
          const ran = await run(on(version), ...args);
          assert.deepEqual(ran, { code: 1, signal: null, stdout: '', stderr: `omnispindle: ${needs}\n` });
          assert.deepEqual(readdirSync(given.directory), []);
        });
      }

      it('is said where a program asks for the library', () => {
        const body = `import(${JSON.stringify(library)}).catch(error => console.log(error.message, error.code));`;
        const said = execFileSync(nodeOf(version), ['-e', body], { encoding: 'utf8', cwd: given.directory });
        assert.equal(said, `${needs} unsupported_runtime\n`);
      });
    });
  }

  it('of an editor is told from a damaged database: what its SQLite lacks, and which editor has that', async () => {
    const own = await given.tenant.sign({});
    const window = openWindow(() => Promise.resolve(token(own)));
    const { env } = await window.grant('ada');
    const todo = { description: 'Spin', project: 'wool' };
    async function refusals(): Promise<void> {
      const { client, stderr } = await start(on('22.15.1', env), 'serve');
      assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|ada');
      for (const [name, input] of [
        ['add_todo', todo],
        ['search_todos', { query: 'wool' }],
        ['list_projects', {}],
      ] as const) {
        const { error = '' } = await call(client, name, input);
        assert.match(
          error,
          /^[^\n]*\(Node\.js 22\.15\.1\) has no FTS5, [^\n]*VS Code 1\.105 or newer\.$/,
          name,
        );
        assert.doesNotMatch(error, /damaged/);
      }
      assert.doesNotMatch(stderr(), /Warning/);
    }
    try {
      await refusals();
      assert.equal(existsSync(join(given.directory, 'data', 'omnispindle.db')), false);
      const { client } = await start(on('22.19.0', env), 'serve');
      await call(client, 'add_todo', todo);
      await refusals();
      assert.equal((await call(client, 'search_todos', { query: 'spin' })).result?.['total'], 1);
    } finally {
      await window.dispose();
    }
  });

  it('of an editor connects to servers anyway', async () => {
    const remote = await startRemoteServer();
    const window = openWindow(() => Promise.resolve(token('of the broker')));
    try {
      const { env } = await window.grant('ada');
      const { client, stderr } = await start(on('22.15.1', env), 'connect', remote.url);
      assert.equal((await client.callTool({ name: 'echo', arguments: { text: 'hi' } })).isError, undefined);
      assert.equal(remote.requests.at(-1)?.authorization, 'Bearer of the broker');
      assert.equal(stderr(), '');
    } finally {
      await window.dispose();
      await remote.stop();
    }
  });

  it('gives a server its token where it is that of VS Code 1.101, and says which it needs where it is 18', async () => {
    const window = openWindow(() => Promise.resolve(token('a')));
    const body = `import(${JSON.stringify(pathToFileURL(forServers).href)})
      .then(({ getToken }) => getToken())
      .then(console.log, error => console.log(error.code, error.message));`;
    const ask = async (version: string) => {
      const { env } = await window.grant('ada');
      return (await promisify(execFile)(nodeOf(version), ['-e', body], { env })).stdout;
    };
    assert.equal(await ask('22.15.1'), 'a\n');
    assert.match(await ask('18.20.8'), /^unsupported_runtime .*this is 18\.20\.8/);
    await window.dispose();
  });
});
