import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { ownClients } from '../../src/terminal/clients/clients.ts';
import { useSharedDirectory } from '../auth/fixtures.ts';
import { entryIn, newer, useInstalling, version, type Entry } from './installing.ts';
import { packageWith, startRegistry } from './registry.ts';

describe('what init installs', () => {
  const given = useInstalling();

  it('[T8] is this version, from the person’s own registry, and is started by absolute paths', async () => {
    const TMPDIR = join(given.path, 'tmp');
    mkdirSync(TMPDIR);
    const said = await given.init(['--client', 'cursor'], { env: { TMPDIR } });
    assert.deepEqual([said['changed'], said['version']], [true, version]);
    // What lies there may be another user's: compiled code that npm would take.
    assert.deepEqual(readdirSync(TMPDIR), []);
    const { command, args } = entryIn(given.cursor);
    const [script = '', serve] = args;
    assert.equal(serve, 'serve');
    for (const path of [command, script]) {
      assert.ok(isAbsolute(path), path);
      assert.doesNotMatch(path, /node_modules|_npx/);
    }
    assert.ok(given.requests.includes(`-/omnispindle-${version}.tgz`), given.requests.join());
    // The keychain's package needs no script.
    const [copy = ''] = given.copies();
    const modules = join(given.installed, copy, 'node_modules');
    assert.ok(existsSync(join(modules, '@napi-rs', 'keyring-linux-x64-gnu')));
    assert.equal(statSync(given.installed).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(given.marks), []);
    assert.equal(await given.start({ command, args }), version);
  });

  it('[T8] is updated in place: the same script starts the newer version, what the person added stays', async () => {
    await given.init(['--client', 'cursor']);
    const before = entryIn(given.cursor);
    const own = { ...before, args: [...before.args, '--account', 'ada'], env: { AUTH0_DOMAIN: 'a.example' } };
    writeFileSync(given.cursor, JSON.stringify({ mcpServers: { omnispindle: own } }));
    const said = await given.init([], { script: given.newerScript });
    assert.deepEqual([said['version'], said['installed']], [newer, true]);
    assert.deepEqual(entryIn(given.cursor), own);
    assert.equal(await given.start(before), newer);
    // One that is started before the newer one, for example from a cache, takes nothing back.
    assert.equal((await given.init())['version'], newer);
    assert.equal(await given.start(before), newer);
    // Servers of the older copy may still run; a month later none does.
    const [old = ''] = given.copies().filter(name => name.startsWith(version));
    utimesSync(join(given.installed, old), 0, 0);
    rmSync(join(given.installed, given.copies().find(name => name.startsWith(newer)) ?? '', 'node_modules'), {
      recursive: true,
    });
    await given.init([], { script: given.newerScript });
    assert.ok(!given.copies().includes(old));
    assert.equal(await given.start(before), newer);
  });

  it('[T8] reaches a team’s server, also after an update, and the bundled one again where that is asked for', async () => {
    const url = 'https://todos.example/mcp';
    await given.init(['--client', 'cursor', '--server', url]);
    const { args } = entryIn(given.cursor);
    const scopes = ['--scope', 'omnispindle:read', '--scope', 'omnispindle:write'];
    assert.deepEqual(args.slice(1), ['connect', url, ...scopes]);
    await given.init();
    assert.deepEqual(entryIn(given.cursor).args, args);
    for (const wrong of ['http://todos.example/mcp', 'nonsense', 'https://ada:hunter2@todos.example/mcp']) {
      const { code, stderr } = await given.omnispindle(['init', '--client', 'cursor', '--server', wrong]);
      assert.notEqual(code, 0, wrong);
      assert.match(stderr, /is not the address of an MCP server/);
      assert.doesNotMatch(stderr, /hunter2/);
    }
    assert.deepEqual(entryIn(given.cursor).args, args);
    await given.init(['--client', 'cursor']);
    assert.deepEqual(entryIn(given.cursor).args.slice(1), ['serve']);
  });

  it('[T8] is not installed again where it is there', async () => {
    await given.init(['--client', 'cursor']);
    given.requests.length = 0;
    assert.equal((await given.init(['--client', 'cursor']))['changed'], false);
    await given.init();
    assert.deepEqual(given.requests, []);
    assert.equal(given.copies().length, 1);
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
      writeFileSync(join(given.path, '.npmrc'), config ?? `registry=${given.evil.url}\n`);
      const script = given.newerScript;
      const { code, stderr } = await given.omnispindle(['init', '--client', 'cursor'], { script });
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.match(stderr, /Nothing was changed/);
      assert.ok(!existsSync(given.cursor));
      assert.deepEqual(given.copies(), []);
    });
  }

  it('[T8] is not what differs from what the registry promised', async () => {
    const liar = await startRegistry(join(given.path, 'liar'));
    try {
      liar.publish(given.published);
      liar.tamper();
      writeFileSync(join(given.path, '.npmrc'), `registry=${liar.url}\n`);
      const { code, stderr } = await given.omnispindle(['init', '--client', 'cursor']);
      assert.equal(code, 1);
      assert.match(stderr, /is not the omnispindle@.* it promised/);
      assert.ok(!existsSync(given.cursor));
      assert.deepEqual(given.copies(), []);
    } finally {
      liar.close();
    }
  });

  it('[T8] is what a checkout holds where no registry has its version', async () => {
    const checkout = packageWith(join(given.path, 'checkout'), { version: '99.1.0-dev' });
    const script = join(checkout, 'dist', 'cli.js');
    assert.equal((await given.init(['--client', 'cursor'], { script }))['version'], '99.1.0-dev');
    assert.equal(await given.start(entryIn(given.cursor)), '99.1.0-dev');
  });

  it('[T8] stays away with --npx and --print, which change nothing but the configuration, or nothing', async () => {
    const printed = await given.omnispindle(['init', '--client', 'cursor', '--print']);
    const { mcpServers } = JSON.parse(printed.stdout) as { mcpServers: { omnispindle: Entry } };
    assert.ok(isAbsolute(mcpServers.omnispindle.command) && isAbsolute(mcpServers.omnispindle.args[0] ?? ''));
    assert.ok(!existsSync(given.cursor));
    await given.init(['--client', 'cursor', '--npx']);
    assert.deepEqual(entryIn(given.cursor), { command: 'npx', args: ['-y', 'omnispindle', 'serve'] });
    assert.ok(!existsSync(given.installed));
    assert.deepEqual(given.requests, []);
    // Whoever has chosen npx keeps it; the rest is said.
    const { code, stderr } = await given.omnispindle(['init']);
    assert.equal(code, 2);
    assert.match(stderr, /Cursor starts it in another way.*init --client cursor/);
    await given.init(['--client', 'cursor']);
    assert.ok(isAbsolute(entryIn(given.cursor).command));
  });

  it('[T8] without a client is for those that have us, and says what to do where none has', async () => {
    const { code, stderr } = await given.omnispindle(['init']);
    assert.equal(code, 2);
    assert.match(stderr, /No client starts Omnispindle yet.*init --client NAME/);
    assert.match((await given.omnispindle(['init', '--npx'])).stderr, /--client NAME/);
  });
});

describe('what init has installed', () => {
  // Each client has a file of its own; installing takes longest.
  const given = useInstalling(useSharedDirectory);

  const parse: Record<string, (text: string) => unknown> = {
    json: text => JSON.parse(text) as unknown,
    toml: text => parseToml(text),
    yaml: text => parseYaml(text) as unknown,
  };
  for (const [id, { key, format, name, shape }] of Object.entries(ownClients)) {
    it(`[T8] is started by ${name}, once`, async () => {
      const first = await given.init(['--client', id]);
      const path = String(first['path']);
      assert.ok(path.startsWith(given.path), path);
      const text = readFileSync(path, 'utf8');
      const parsed = parse[format]?.(text) as Record<string, Record<string, Record<string, unknown>>>;
      const entry = parsed[key]?.['omnispindle'] ?? {};
      const command = entry[shape?.command ?? 'command'] as string;
      const args = entry['args'] as string[];
      assert.ok(isAbsolute(command) && isAbsolute(args[0] ?? ''), text);
      assert.equal(args[1], 'serve');
      assert.equal((await given.init(['--client', id]))['changed'], false);
    });
  }
});
