import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { clients } from '../../src/terminal/commands/clients.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, start, visits, type Ran, type Surroundings } from './fixtures.ts';

/** As plain objects, which compare. */
const parseToml = (text: string): unknown => JSON.parse(JSON.stringify(parse(text)));

const nobody = 65_534;

describe('the command line', () => {
  const given = useUser();

  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });
  const omnispindle = (...args: string[]): Promise<Ran> => run(here(), ...args);
  const json = ({ stdout }: Ran) => JSON.parse(stdout) as Record<string, unknown>;

  it('signs in, says who is signed in, gives a token and signs out', async () => {
    const login = await omnispindle('login');
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /signed in as ada@example\.com/);
    assert.match((await omnispindle('whoami')).stdout, /ada@example\.com \(Ada Lovelace, auth0\|ada\)/);
    const token = await omnispindle('token');
    assert.equal(token.stdout.trim().split('.').length, 3);
    assert.equal(json(await omnispindle('token', '--json'))['token'], token.stdout.trim());
    const logout = await omnispindle('logout');
    assert.match(logout.stdout, /Signed out: ada@example\.com/);
    assert.equal(await given.tenant.liveSessions(), 0);
    const whoami = await omnispindle('whoami', '--json');
    assert.equal(whoami.code, 3);
    assert.match(String(json(whoami)['error']), /omnispindle login/);
  });

  it('goes to sign-up, to Google, or takes a device code', async () => {
    await run(here({ person: 'google' }), 'login', '--google');
    assert.match(visits(given.directory)[0] ?? '', /connection=google-oauth2/);
    const person = {
      signUp: { name: 'Joan', email: `joan${String(Date.now())}@example.com`, password: 'long enough' },
    };
    assert.match((await run(here({ person }), 'login', '--signup')).stdout, /joan/);
    assert.match(visits(given.directory)[1] ?? '', /screen_hint=signup/);
    const device = await run(here(), 'login', '--device');
    assert.match(device.stderr, /enter the code [A-Z]{4}-[A-Z]{4}/);
    assert.match(device.stdout, /ada@example\.com/);
  });

  it('keeps several accounts, and asks which one to sign out', async () => {
    await omnispindle('login');
    await run(here({ person: 'google' }), 'login');
    assert.equal((json(await omnispindle('whoami', '--json'))['accounts'] as unknown[]).length, 2);
    const which = await omnispindle('logout');
    assert.equal(which.code, 2);
    assert.match(which.stderr, /--account.*--all/);
    assert.match((await omnispindle('logout', '--account', 'grace@gmail.example')).stdout, /grace/);
    assert.match((await omnispindle('logout', '--all')).stdout, /ada/);
    assert.match((await omnispindle('logout', '--all')).stdout, /Nobody was signed in/);
  });

  it('says that the sessions cannot be read, where root has made them, say', async () => {
    await omnispindle('login');
    const { code, stderr } = await run({ ...here(), uid: nobody }, 'whoami');
    assert.equal(code, 3);
    assert.match(stderr, /sessions could not be read \(EACCES\)\. Correct its permissions/);
  });

  it('refuses to print a token on a terminal without --force', async () => {
    await omnispindle('login');
    const environment = Object.entries({
      HOME: given.directory,
      OMNISPINDLE_DATA_DIR: join(given.directory, 'data'),
      AUTH0_DOMAIN: given.tenant.domain,
      AUTH0_CLIENT_ID: given.tenant.clientId,
      AUTH0_AUDIENCE: given.tenant.audience,
    })
      .map(([name, value]) => `${name}='${value}'`)
      .join(' ');
    const onTerminal = (args: string) =>
      execFileSync(
        'script',
        ['-qec', `env ${environment} '${process.execPath}' dist/cli.js token ${args} || true`, '/dev/null'],
        {
          cwd: join(import.meta.dirname, '..', '..'),
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      ).toString();
    assert.match(onTerminal(''), /can be read by others.*--force/s);
    assert.match(onTerminal('--force'), /eyJ/);
  });

  it('has exit codes that scripts can tell apart', async () => {
    assert.equal((await omnispindle('--help')).code, 0);
    assert.equal((await omnispindle('frobnicate')).code, 2);
    assert.equal((await omnispindle('login', '--frob')).code, 2);
    assert.equal((await run(here({ person: 'cancel' }), 'login')).code, 3);
    assert.equal((await run(here({ env: { AUTH0_DOMAIN: 'http://example.com' } }), 'login')).code, 2);
    given.tenant.setMode('down');
    assert.equal((await omnispindle('login')).code, 4);
  });

  for (const args of [['serve'], ['run', '--variable', 'API_TOKEN', '--', 'true']]) {
    it(`ends, and says why, where a client sends what is too long (${String(args[0])})`, async () => {
      const { stdin, ended } = start(here(), ...args);
      stdin.on('error', () => undefined).write('x'.repeat(11_000_000));
      const { code, stdout, stderr } = await ended;
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /a message that is too long/);
    });
  }

  it('takes no empty account for a name: it is refused as an option, and nothing as a variable', async () => {
    await omnispindle('login');
    const empty = await omnispindle('logout', '--account', ' ');
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /is empty. Give an e-mail address/);
    for (const OMNISPINDLE_ACCOUNT of ['', ' ']) {
      const ran = await run(here({ env: { OMNISPINDLE_ACCOUNT } }), 'whoami');
      assert.match(ran.stdout, /ada@example\.com/, ran.stderr);
    }
  });

  it('says why a tenant cannot be reached in the network’s words', async () => {
    const { code, stderr } = await run(
      here({ env: { AUTH0_DOMAIN: given.tenant.domain.replace('http://', '') } }),
      'login',
    );
    assert.equal(code, 4);
    assert.match(stderr, /could not be reached \([A-Z]+_[A-Z_]+\)/);
  });

  it('checks what a sign-in needs', async () => {
    const well = await omnispindle('doctor', '--json');
    assert.equal(well.code, 0, well.stdout);
    assert.equal((json(well)['findings'] as unknown[]).length, 8);
    const wrong = await run(here({ env: { CALLBACK_PORT: '9999' } }), 'doctor');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /✘ Callback: .*Allowed Callback URLs/);
    given.tenant.setMode('down');
    assert.match((await omnispindle('doctor')).stdout, /✘ Tenant: .*could not be reached/);
  });

  it('finds a tenant that does not say its time', async () => {
    const timeless = createServer((_request, response) => {
      response.sendDate = false;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(timeless, 'listening');
    const { port } = timeless.address() as AddressInfo;
    try {
      const { stdout } = await run(
        here({ env: { AUTH0_DOMAIN: `http://127.0.0.1:${String(port)}` } }),
        'doctor',
      );
      assert.match(stdout, /✘ Clock: the tenant did not say its time/);
    } finally {
      timeless.close();
    }
  });

  for (const [name, env, finding] of [
    [
      'a client that the tenant does not know',
      { AUTH0_CLIENT_ID: 'stranger' },
      /✘ Callback: .*does not accept the client "stranger"/,
    ],
    [
      'an API that the tenant does not know',
      { AUTH0_AUDIENCE: 'https://other.example' },
      /✘ Callback: .*knows no API "https:\/\/other\.example"/,
    ],
    [
      'a directory that cannot be made',
      { OMNISPINDLE_DATA_DIR: '/dev/null/data' },
      /✘ Sessions: .*could not write to \/dev\/null\/data.*OMNISPINDLE_DATA_DIR/,
    ],
    [
      'an AUTH0_TOKEN that is not valid',
      { AUTH0_TOKEN: 'x' },
      /✘ AUTH0_TOKEN: The AUTH0_TOKEN from the environment is invalid/,
    ],
  ] as const) {
    it(`finds ${name}`, async () => {
      const { code, stdout } = await run(here({ env }), 'doctor');
      assert.equal(code, 1);
      assert.match(stdout, finding);
    });
  }

  it('finds why there is no keychain', async () => {
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/dev/null' };
    const { code, stdout } = await run(here({ env }), 'doctor');
    assert.equal(code, 0, stdout);
    assert.match(
      stdout,
      /✔ Keychain: There is no keychain to use here \(.*\/dev\/null.*unlock it, or install/,
    );
  });

  it('finds which clients start Omnispindle, and which would not', async () => {
    const write = (name: string, text: string) => {
      mkdirSync(join(given.directory, name, '..'), { recursive: true });
      writeFileSync(join(given.directory, name), text);
    };
    const clientLines = async () => {
      const { code, stdout } = await omnispindle('doctor');
      return { code, lines: stdout.split('\n').filter(line => line.includes('Clients')) };
    };
    write('.cursor/mcp.json', '{ "mcpServers": { "omnispindle": { "command": "npx", } } }');
    write('.claude.json', '{ "projects": { "/src/omnispindle": {} } }');
    write('.gemini/settings.json', '{ "mcpServers": { "omnispindle": ');
    write('.codeium/windsurf/mcp_config.json', '{ "mcpServers": { "other": ');
    write('.codex/config.toml', '[mcp_servers.omnispindle]\ncommand = "python"\n');
    const wrong = await clientLines();
    assert.equal(wrong.code, 1);
    assert.equal(wrong.lines.length, 3, wrong.lines.join('\n'));
    assert.match(wrong.lines[0] ?? '', /✘ .*Cursor starts something else.*init --client cursor$/);
    assert.match(wrong.lines[1] ?? '', /✘ .*Codex starts something else.*init --client codex$/);
    assert.match(wrong.lines[2] ?? '', /✘ .*settings\.json is not valid JSON at line 1.*Correct it/);

    await omnispindle('init', '--client', 'cursor');
    write(
      '.gemini/settings.json',
      '{ "mcpServers": { "a": { "command": "node", "args": ["/omnispindle/dist/cli.js", "serve"] } } }',
    );
    write(
      '.codex/config.toml',
      '[mcp_servers.notes]\ncommand = "npx"\nargs = ["omnispindle", "connect", "https://example.com/mcp"]\n',
    );
    assert.deepEqual(await clientLines(), {
      code: 0,
      lines: ['✔ Clients: Omnispindle is set up in Cursor, Codex, Gemini CLI.'],
    });
  });

  it('finds a port that is taken at either address of this machine', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const stranger = createServer().listen(8765, host);
      await once(stranger, 'listening');
      assert.match((await omnispindle('doctor')).stdout, /✘ Port: Port 8765 is used by another program/);
      stranger.close();
      await once(stranger, 'close');
    }
  });

  describe('init', () => {
    const init = (client: string, ...args: string[]) =>
      run(
        here({ env: { XDG_CONFIG_HOME: join(given.directory, '.config') } }),
        'init',
        '--client',
        client,
        ...args,
      );

    for (const [client, { key, format }] of Object.entries(clients)) {
      it(`writes the configuration of ${client}, once`, async () => {
        const first = await init(client, '--json');
        assert.equal(first.code, 0, first.stderr);
        const path = String(json(first)['path']);
        assert.ok(path.startsWith(given.directory), path);
        const text = readFileSync(path, 'utf8');
        const parsed = (format === 'json' ? JSON.parse(text) : parseToml(text)) as Record<
          string,
          Record<string, unknown>
        >;
        assert.deepEqual(parsed[key]?.['omnispindle'], {
          command: 'npx',
          args: ['-y', 'omnispindle', 'serve'],
        });
        assert.equal(json(await init(client, '--json'))['changed'], false);
      });
    }

    it('leaves the rest byte for byte, and keeps a backup', async () => {
      mkdirSync(join(given.directory, '.cursor'));
      const path = join(given.directory, '.cursor', 'mcp.json');
      const before =
        '{\r\n\t// mine\r\n\t"mcpServers": {\r\n\t\t"other": { "command":   "x" }, // odd\r\n\t},\r\n\t"z": 1\r\n}';
      writeFileSync(path, before);
      await init('cursor');
      const after = readFileSync(path, 'utf8');
      for (const piece of ['\t// mine\r\n', '"other": { "command":   "x" }', '// odd', '\t"z": 1\r\n}']) {
        assert.ok(after.includes(piece), after);
      }
      const backup =
        readdirSync(join(given.directory, '.cursor')).find(name => name.includes('backup')) ?? '';
      assert.equal(readFileSync(join(given.directory, '.cursor', backup), 'utf8'), before);
      mkdirSync(join(given.directory, '.codex'));
      const toml = '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "y"\n';
      writeFileSync(join(given.directory, '.codex', 'config.toml'), toml);
      await init('codex');
      assert.ok(readFileSync(join(given.directory, '.codex', 'config.toml'), 'utf8').startsWith(toml));
    });

    it('replaces an entry of its own and no more', async () => {
      mkdirSync(join(given.directory, '.codex'));
      const path = join(given.directory, '.codex', 'config.toml');
      writeFileSync(path, 'a = 1\n[mcp_servers.omnispindle]\ncommand = "old"\n\n[b]\nc = 2\n');
      await init('codex');
      const text = readFileSync(path, 'utf8');
      assert.deepEqual(parseToml(text), {
        a: 1,
        mcp_servers: { omnispindle: { command: 'npx', args: ['-y', 'omnispindle', 'serve'] } },
        b: { c: 2 },
      });
      assert.ok(text.endsWith('\n\n[b]\nc = 2\n'), text);
    });

    it('follows a symbolic link, and keeps the mode of what it leads to', async () => {
      const target = join(given.directory, 'dotfiles.json');
      const link = join(given.directory, '.claude.json');
      writeFileSync(target, '{}', { mode: 0o600 });
      symlinkSync(target, link);
      assert.equal((await init('claude-code')).code, 0);
      assert.equal(readlinkSync(link), target);
      assert.match(readFileSync(target, 'utf8'), /"omnispindle"/);
      assert.equal(statSync(target).mode & 0o777, 0o600);
    });

    it('leaves what it may not write as it is, says so, and leaves nothing lying about', async () => {
      const folder = join(given.directory, '.cursor');
      const path = join(folder, 'mcp.json');
      mkdirSync(folder);
      writeFileSync(path, '{}', { mode: 0o444 });
      // Root may write everything.
      for (const name of [given.directory, folder, path]) chownSync(name, nobody, nobody);
      const ran = await run({ ...here(), uid: nobody }, 'init', '--client', 'cursor');
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /mcp\.json could not be written \(EACCES\); nothing was changed/);
      chmodSync(path, 0o644);
      chmodSync(folder, 0o555);
      const full = await run({ ...here(), uid: nobody }, 'init', '--client', 'cursor');
      assert.match(full.stderr, /could not be written \(EACCES\); nothing was changed/);
      assert.equal(readFileSync(path, 'utf8'), '{}');
      assert.deepEqual(readdirSync(folder), ['mcp.json']);
      chmodSync(path, 0o000);
      assert.match(
        (await run({ ...here(), uid: nobody }, 'init', '--client', 'cursor')).stderr,
        /mcp\.json could not be read \(EACCES\)/,
      );
    });

    it('leaves a file in another encoding as it is', async () => {
      const path = join(given.directory, '.claude.json');
      const before = Buffer.from('{"a":"\xe9"}', 'latin1');
      writeFileSync(path, before);
      const ran = await init('claude-code');
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /not UTF-8 text; nothing was changed/);
      assert.deepEqual(readFileSync(path), before);
    });

    it('changes nothing where the file cannot be read, and shows without writing', async () => {
      mkdirSync(join(given.directory, '.gemini'));
      const path = join(given.directory, '.gemini', 'settings.json');
      writeFileSync(path, '{ "mcpServers": ');
      const ran = await init('gemini');
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /not valid JSON at line 1, column 17; nothing was changed/);
      assert.equal(readFileSync(path, 'utf8'), '{ "mcpServers": ');
      assert.deepEqual(readdirSync(join(given.directory, '.gemini')), ['settings.json']);
      assert.match((await init('windsurf', '--print')).stdout, /"omnispindle"/);
      assert.ok(!readdirSync(given.directory).includes('.codeium'));
      assert.equal((await init('emacs')).code, 2);
    });
  });
});
