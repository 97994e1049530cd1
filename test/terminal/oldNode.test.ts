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
import { useUser } from '../tenant/useTenant.ts';
import { cli, run, type Surroundings } from './fixtures.ts';

const root = join(import.meta.dirname, '..', '..');
const library = pathToFileURL(libraryPath).href;
const database = pathToFileURL(join(root, 'src', 'store', 'sqlite', 'database.ts')).href;

describeNeeds(['Linux on x64'], '[W15] a Node.js that is too old', function () {
  this.timeout(60_000);
  const given = useUser();
  before(() => {
    installNodes();
  });

  const on = (version: string, env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    program: [nodeOf(version), cli],
    env,
  });

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

  it('[E3] is refused where an editor has started us, too: none that the extension is for brings it', async () => {
    const window = openWindow(() => Promise.resolve(token('of the broker')));
    try {
      const { env } = await window.grant('ada');
      for (const args of [['serve'], ['connect', 'https://example.com/mcp']]) {
        const { code, stdout, stderr } = await run(on('22.15.1', env), ...args);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: '' }, args[0]);
        assert.match(stderr, /^omnispindle: Omnispindle needs Node\.js 22 from 22\.19 on[^\n]*\n$/);
      }
      assert.deepEqual(readdirSync(given.directory), []);
    } finally {
      await window.dispose();
    }
  });

  it('[E3] whose SQLite has no FTS5 is told from a damaged database, which stays as it is', async () => {
    const path = join(given.directory, 'omnispindle.db');
    const open = (version: string) => {
      const code = `import { openDatabase } from ${JSON.stringify(database)};
        try { openDatabase(${JSON.stringify(path)}).close(); } catch (error) { console.log(error.code, error.message); }`;
      const args = ['--experimental-strip-types', '--no-warnings', '--input-type=module', '-e', code];
      return execFileSync(nodeOf(version), args, { encoding: 'utf8', cwd: root });
    };
    const refusal = /^unavailable [^\n]*\(22\.15\.1\) has no FTS5, [^\n]*no todo was touched[^\n]*\n$/;
    assert.match(open('22.15.1'), refusal);
    assert.equal(existsSync(path), false);
    assert.equal(open('22.19.0'), '');
    const before = readFileSync(path);
    assert.match(open('22.15.1'), refusal);
    assert.deepEqual(readFileSync(path), before);
  });

  it('gives a server of somebody else’s its token where it is an older 22, and says which it needs where it is 18', async () => {
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
