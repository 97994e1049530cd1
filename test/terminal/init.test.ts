import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { parse } from 'smol-toml';
import { clients } from '../../src/terminal/commands/clients.ts';
import { temporaryDirectory, useDirectory } from '../auth/fixtures.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { cli, userEnvironment, type Ran } from './fixtures.ts';
import { packageWith, startRegistry, type Registry } from './registry.ts';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

interface Entry {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
}

describe('what init installs', () => {
  const shared = temporaryDirectory();
  const given = useDirectory();
  const newer = '99.0.0';
  const newerPackage = join(shared.path, 'newer', 'node_modules', 'omnispindle');
  let registry: Registry;
  let evil: Registry;

  before(async () => {
    registry = await startRegistry(join(shared.path, 'registry'));
    evil = await startRegistry(join(shared.path, 'evil'));
    const touch = `node -e "fs.writeFileSync(process.env.MARKS + '/postinstall','')"`;
    registry.publish(packageWith(join(shared.path, 'own'), { scripts: { postinstall: touch } }));
    registry.publish(packageWith(newerPackage, { version: newer }));
    for (const name of ['keyring', 'keyring-linux-x64-gnu']) {
      registry.publish(join(root, 'node_modules', '@napi-rs', name));
    }
  });
  after(() => {
    registry.close();
    evil.close();
    shared.remove();
  });
  beforeEach(() => {
    registry.requests.length = 0;
    registry.onRequest(() => undefined);
    mkdirSync(marks());
    writeFileSync(join(given.path, '.npmrc'), `registry=${registry.url}\n`);
  });

  const marks = () => join(given.path, 'marks');
  const data = () => join(given.path, 'data');
  const copies = () => readdirSync(join(data(), 'install')).filter(name => /^\d/.test(name));
  const cursor = () => join(given.path, '.cursor', 'mcp.json');
  const environment = (env: Record<string, string> = {}) => ({
    ...userEnvironment({ tenant: defaultTenant, directory: given.path }),
    MARKS: marks(),
    XDG_CONFIG_HOME: join(given.path, '.config'),
    ...env,
  });

  interface Where {
    readonly script?: string;
    readonly cwd?: string;
    readonly env?: Record<string, string>;
  }

  function omnispindle(
    args: readonly string[],
    { script = cli, cwd = given.path, env }: Where = {},
  ): Promise<Ran> {
    return new Promise(resolve => {
      const options = { cwd, env: environment(env), timeout: 90_000 };
      execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
      });
    });
  }

  async function init(args: readonly string[] = [], where: Where = {}): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await omnispindle(['init', '--json', ...args], where);
    assert.equal(code, 0, stdout + stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  function entryIn(path: string): Entry {
    const { mcpServers } = JSON.parse(readFileSync(path, 'utf8')) as { mcpServers: { omnispindle: Entry } };
    return mcpServers.omnispindle;
  }

  /** Starts what the configuration says, as the client does. @returns the version that answers */
  async function start({ command, args }: Entry, cwd = given.path, env: Record<string, string> = {}) {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const transport = { command, args: [...args], cwd, env: environment(env), stderr: 'ignore' as const };
    await client.connect(new StdioClientTransport(transport));
    const { tools } = await client.listTools();
    assert.ok(tools.some(({ name }) => name === 'whoami'));
    const answered = client.getServerVersion()?.version;
    await client.close();
    return answered;
  }

  /** A project that would run its own program wherever it can. */
  function hostileProject(): { path: string; env: Record<string, string> } {
    const path = join(given.path, 'cloned');
    const bin = join(path, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(path, 'node_modules', 'omnispindle', 'dist'), { recursive: true });
    const mark = (name: string) => `require('fs').writeFileSync(${JSON.stringify(join(marks(), name))}, '');`;
    for (const name of ['npx', 'npm', 'node', 'omnispindle', 'shell']) {
      writeFileSync(join(bin, name), `#!/bin/sh\n: > "${join(marks(), name)}"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    writeFileSync(join(path, 'required.js'), mark('required'));
    writeFileSync(join(path, 'node_modules', 'omnispindle', 'dist', 'cli.js'), mark('cli'));
    writeFileSync(
      join(path, 'node_modules', 'omnispindle', 'package.json'),
      `{"name":"omnispindle","version":"${version}"}`,
    );
    writeFileSync(join(path, 'package.json'), '{"name":"cloned","scripts":{"preinstall":"shell"}}');
    const settings = {
      registry: evil.url,
      'script-shell': join(bin, 'shell'),
      'node-options': `--require ${join(path, 'required.js')}`,
      'ignore-scripts': 'false',
      prefix: path,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(join(path, '.npmrc'), lines.join('\n'));
    // What npx hands down to what it starts there (npm's set-envs.js).
    const handedDown = Object.entries(settings)
      .filter(([name]) => name !== 'node-options')
      .map(([name, value]) => [`npm_config_${name.replaceAll('-', '_')}`, value] as const);
    return {
      path,
      env: {
        ...Object.fromEntries(handedDown),
        NPM_CONFIG_REGISTRY: evil.url,
        npm_config_local_prefix: path,
        npm_command: 'exec',
        npm_execpath: join(bin, 'npm'),
        INIT_CWD: path,
        PATH: bin + delimiter + (process.env['PATH'] ?? ''),
      },
    };
  }

  it('[T8] is this version, from the person’s own registry, and is started by absolute paths', async () => {
    const said = await init(['--client', 'cursor']);
    assert.deepEqual([said['changed'], said['version']], [true, version]);
    const { command, args } = entryIn(cursor());
    const [script = '', serve] = args;
    assert.equal(serve, 'serve');
    for (const path of [command, script]) {
      assert.ok(isAbsolute(path), path);
      assert.doesNotMatch(path, /node_modules|_npx/);
    }
    assert.ok(registry.requests.includes(`-/omnispindle-${version}.tgz`), registry.requests.join());
    // The keychain's package needs no script.
    const [copy = ''] = copies();
    const modules = join(data(), 'install', copy, 'node_modules');
    assert.ok(existsSync(join(modules, '@napi-rs', 'keyring-linux-x64-gnu')));
    assert.equal(statSync(join(data(), 'install')).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(marks()), []);
    assert.equal(await start({ command, args }), version);
  });

  it('[T8] in a hostile project comes from nowhere else, and neither it nor what clients start there is the project’s', async () => {
    const { path, env } = hostileProject();
    await init(['--client', 'cursor'], { cwd: path, env });
    assert.deepEqual(evil.requests, []);
    assert.deepEqual(readdirSync(marks()), []);
    assert.equal(await start(entryIn(cursor()), path, env), version);
    assert.deepEqual(readdirSync(marks()), []);
    assert.deepEqual(evil.requests, []);
    // The attack is real: what today's form starts there is the project's.
    await start({ command: 'npx', args: ['-y', 'omnispindle', 'serve'] }, path, env).catch(() => undefined);
    assert.notDeepEqual(readdirSync(marks()), []);
  });

  it('[T8] is updated in place: the same script starts the newer version, what the person added stays', async () => {
    await init(['--client', 'cursor']);
    const before = entryIn(cursor());
    const own = { ...before, args: [...before.args, '--account', 'ada'], env: { AUTH0_DOMAIN: 'a.example' } };
    writeFileSync(cursor(), JSON.stringify({ mcpServers: { omnispindle: own } }));
    const said = await init([], { script: join(newerPackage, 'dist', 'cli.js') });
    assert.deepEqual([said['version'], said['installed']], [newer, true]);
    assert.deepEqual(entryIn(cursor()), own);
    assert.equal(await start(before), newer);
    // One that is started before the newer one, from a cache say, takes nothing back.
    assert.equal((await init())['version'], newer);
    assert.equal(await start(before), newer);
    // Servers of the older copy may still run; a month later none does.
    const [old = ''] = copies().filter(name => name.startsWith(version));
    utimesSync(join(data(), 'install', old), 0, 0);
    rmSync(join(data(), 'install', copies().find(name => name.startsWith(newer)) ?? '', 'node_modules'), {
      recursive: true,
    });
    await init([], { script: join(newerPackage, 'dist', 'cli.js') });
    assert.ok(!copies().includes(old));
    assert.equal(await start(before), newer);
  });

  it('[T8] is not installed again where it is there', async () => {
    await init(['--client', 'cursor']);
    registry.requests.length = 0;
    assert.equal((await init(['--client', 'cursor']))['changed'], false);
    await init();
    assert.deepEqual(registry.requests, []);
    assert.equal(copies().length, 1);
  });

  for (const [name, config, message] of [
    [
      'the registry cannot be reached',
      'registry=http://127.0.0.1:1/',
      /could not be reached.*ECONNREFUSED.*--npx/,
    ],
    ['the registry has no such version', undefined, /registry has no omnispindle@.*--npx/],
  ] as const) {
    it(`[T8] is not half there where ${name}: nothing was changed, and the way out is said`, async () => {
      writeFileSync(join(given.path, '.npmrc'), config ?? `registry=${evil.url}\n`);
      const script = join(newerPackage, 'dist', 'cli.js');
      const { code, stderr } = await omnispindle(['init', '--client', 'cursor'], { script });
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.match(stderr, /Nothing was changed/);
      assert.ok(!existsSync(cursor()));
      assert.deepEqual(copies(), []);
      evil.requests.length = 0;
    });
  }

  it('[T8] is not what differs from what the registry promised', async () => {
    const liar = await startRegistry(join(given.path, 'liar'));
    try {
      liar.publish(join(shared.path, 'own'));
      liar.tamper();
      writeFileSync(join(given.path, '.npmrc'), `registry=${liar.url}\n`);
      const { code, stderr } = await omnispindle(['init', '--client', 'cursor']);
      assert.equal(code, 1);
      assert.match(stderr, /is not the omnispindle@.* it promised/);
      assert.ok(!existsSync(cursor()));
      assert.deepEqual(copies(), []);
    } finally {
      liar.close();
    }
  });

  it('[T8] is what a checkout holds where no registry has its version', async () => {
    const checkout = packageWith(join(given.path, 'checkout'), { version: '99.1.0-dev' });
    const script = join(checkout, 'dist', 'cli.js');
    assert.equal((await init(['--client', 'cursor'], { script }))['version'], '99.1.0-dev');
    assert.equal(await start(entryIn(cursor())), '99.1.0-dev');
  });

  it('[T8] stays away with --npx and --print, which change nothing but the configuration, or nothing', async () => {
    const printed = await omnispindle(['init', '--client', 'cursor', '--print']);
    const { mcpServers } = JSON.parse(printed.stdout) as { mcpServers: { omnispindle: Entry } };
    assert.ok(isAbsolute(mcpServers.omnispindle.command) && isAbsolute(mcpServers.omnispindle.args[0] ?? ''));
    assert.ok(!existsSync(cursor()));
    await init(['--client', 'cursor', '--npx']);
    assert.deepEqual(entryIn(cursor()), { command: 'npx', args: ['-y', 'omnispindle', 'serve'] });
    assert.ok(!existsSync(join(data(), 'install')));
    assert.deepEqual(registry.requests, []);
    // Whoever has chosen npx keeps it; the rest is said.
    const { code, stderr } = await omnispindle(['init']);
    assert.equal(code, 2);
    assert.match(stderr, /Cursor starts it in another way.*init --client cursor/);
    await init(['--client', 'cursor']);
    assert.ok(isAbsolute(entryIn(cursor()).command));
  });

  it('[T8] without a client is for those that have us, and says what to do where none has', async () => {
    const { code, stderr } = await omnispindle(['init']);
    assert.equal(code, 2);
    assert.match(stderr, /No client starts Omnispindle yet.*init --client NAME/);
    assert.match((await omnispindle(['init', '--npx'])).stderr, /--client NAME/);
  });

  it('[T8] is taken out of one client, then of all, with the copy, and what else they hold stays', async () => {
    const text = '{\n  "mcpServers": {\n    "a": { "command": "x" } // mine\n  }\n}\n';
    mkdirSync(join(given.path, '.cursor'));
    writeFileSync(cursor(), text);
    const toml = join(given.path, '.codex', 'config.toml');
    mkdirSync(join(given.path, '.codex'));
    writeFileSync(toml, 'model = "x"\n');
    await init(['--client', 'cursor']);
    await init(['--client', 'codex']);
    const one = await init(['--remove', '--client', 'cursor']);
    assert.equal(one['changed'], true);
    assert.match(readFileSync(String(one['backup']), 'utf8'), /"omnispindle"/);
    assert.equal(readFileSync(cursor(), 'utf8'), text);
    assert.equal(copies().length, 1);
    const all = await init(['--remove']);
    assert.deepEqual(
      (all['clients'] as { client: string }[]).map(({ client }) => client),
      ['codex'],
    );
    assert.equal(readFileSync(toml, 'utf8'), 'model = "x"\n');
    assert.ok(!existsSync(join(data(), 'install')));
    assert.equal((await init(['--remove', '--client', 'cursor']))['changed'], false);
  });

  it('[T8] stays where a client still names it in an entry of the person’s own', async () => {
    await init(['--client', 'cursor']);
    const { command, args } = entryIn(cursor());
    const own = { notes: { command, args: [args[0], 'connect', 'https://example.com/mcp'] } };
    writeFileSync(join(given.path, '.claude.json'), JSON.stringify({ mcpServers: own }));
    const { stdout } = await omnispindle(['init', '--remove']);
    assert.match(stdout, /What was installed stays/);
    assert.equal(copies().length, 1);
  });

  it('[T8] is checked by doctor: whether it is there, whether it is old, and who uses npx', async () => {
    const lines = async (where: Where = {}) => {
      const { stdout } = await omnispindle(['doctor'], where);
      return stdout.split('\n').filter(line => line.includes('Installation'));
    };
    await init(['--client', 'cursor']);
    await init(['--client', 'gemini', '--npx']);
    const [well, npx] = await lines();
    assert.match(well ?? '', new RegExp(`✔ .*Cursor starts the installed version ${version}`));
    assert.match(npx ?? '', /✔ .*Gemini CLI starts Omnispindle with npx.*init --client gemini/);
    const [old] = await lines({ script: join(newerPackage, 'dist', 'cli.js') });
    assert.match(
      old ?? '',
      /✘ .*Cursor starts version .* older than this one.*npx -y omnispindle@latest init$/,
    );
    const text = readFileSync(cursor(), 'utf8');
    writeFileSync(cursor(), text.replace(JSON.stringify(entryIn(cursor()).command), '"/gone/node"'));
    assert.match(
      (await lines())[0] ?? '',
      /✘ .*with \/gone\/node, which is not there any more.*init --client cursor/,
    );
    rmSync(join(data(), 'install', copies()[0] ?? ''), { recursive: true });
    writeFileSync(cursor(), text);
    assert.match((await lines())[0] ?? '', /✘ .*what Cursor starts .* is gone.*omnispindle@latest init/);
    // The same command mends it.
    await init();
    assert.match((await lines())[0] ?? '', /✔/);
    assert.ok(realpathSync(entryIn(cursor()).args[0] ?? ''));
  });

  for (const [id, { key, format, name }] of Object.entries(clients)) {
    it(`[T8] is started by ${name}, once`, async () => {
      const first = await init(['--client', id]);
      const path = String(first['path']);
      assert.ok(path.startsWith(given.path), path);
      const text = readFileSync(path, 'utf8');
      const parsed = (format === 'json' ? JSON.parse(text) : parse(text)) as Record<
        string,
        Record<string, Entry>
      >;
      const { command = '', args = [] } = parsed[key]?.['omnispindle'] ?? {};
      assert.ok(isAbsolute(command) && isAbsolute(args[0] ?? ''), text);
      assert.equal(args[1], 'serve');
      assert.equal((await init(['--client', id]))['changed'], false);
    });
  }
});
