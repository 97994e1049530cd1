import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startImpostor } from '../tenant/impostor.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { useUser } from '../tenant/useTenant.ts';
import { run, start, visits, type Ran, type Surroundings } from './fixtures.ts';
import { itNeeds } from '../needs.ts';

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

  it('prefers --account to OMNISPINDLE_ACCOUNT, and that to the latest account', async () => {
    await omnispindle('login');
    await run(here({ person: 'google' }), 'login');
    const subject = ({ stdout }: Ran) =>
      (JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;
    const asAda = here({ env: { OMNISPINDLE_ACCOUNT: 'ada@example.com' } });
    const grace = ['--account', 'Grace@gmail.example'];
    assert.equal(subject(await omnispindle('token')), 'google-oauth2|104242');
    assert.equal(subject(await run(asAda, 'token')), 'auth0|ada');
    assert.equal(subject(await run(asAda, 'token', ...grace)), 'google-oauth2|104242');
    assert.match((await run(asAda, 'whoami')).stdout, /^ada@example\.com.*\n$/);
    assert.match((await run(asAda, 'whoami', ...grace)).stdout, /^grace@gmail\.example.*\n$/);
    assert.match((await run(asAda, 'logout', ...grace)).stdout, /Signed out: grace@gmail\.example\./);
    assert.match((await run(asAda, 'logout')).stdout, /Signed out: ada@example\.com\./);
  });

  itNeeds(
    ['root'],
    'says that the sessions cannot be read, for example where root has made them',
    async () => {
      await omnispindle('login');
      const { code, stderr } = await run({ ...here(), uid: nobody }, 'whoami');
      assert.equal(code, 3);
      assert.match(stderr, /sessions could not be read \(EACCES\)\. Correct its permissions/);
    },
  );

  itNeeds(['Linux'], 'refuses to print a token on a terminal without --force', async () => {
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

  it('ends the bundled server, and says why, where a client sends what is too long', async () => {
    const { stdin, ended } = start(here(), 'serve');
    stdin.on('error', () => undefined).write('x'.repeat(11_000_000));
    const { code, stdout, stderr } = await ended;
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
    assert.match(stderr, /a message that is too long/);
  });

  it('refuses an empty --account, and takes an empty OMNISPINDLE_ACCOUNT for none', async () => {
    await omnispindle('login');
    const empty = await omnispindle('logout', '--account', ' ');
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /is empty. Give an e-mail address/);
    for (const OMNISPINDLE_ACCOUNT of ['', ' ']) {
      const ran = await run(here({ env: { OMNISPINDLE_ACCOUNT } }), 'whoami');
      assert.match(ran.stdout, /ada@example\.com/, ran.stderr);
    }
  });

  it('says why a tenant cannot be reached', async () => {
    const host = given.tenant.domain.replace('http://', '');
    const { code, stderr } = await run(here({ env: { AUTH0_DOMAIN: host } }), 'login');
    assert.equal(code, 4);
    assert.ok(stderr.includes(`What answers at ${host} does not speak TLS (EPROTO).`), stderr);
  });

  it('doctor checks what a sign-in needs', async () => {
    const well = await omnispindle('doctor', '--json');
    assert.equal(well.code, 0, well.stdout);
    assert.equal((json(well)['findings'] as unknown[]).length, 9);
    assert.match((await omnispindle('doctor')).stdout, /✔ Code: the tenant gives codes/);
    const body = { error: 'invalid_dpop_proof', error_description: 'DPoP proof is required' };
    given.tenant.answerTokenRequests([{ status: 400, body }]);
    const bound = await omnispindle('doctor');
    assert.equal(bound.code, 1);
    assert.match(bound.stdout, /✘ Code: .*demands tokens bound to a key \(DPoP\)/);
    const wrong = await run(here({ env: { CALLBACK_PORT: '9999' } }), 'doctor');
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /✘ Callback: .*Allowed Callback URLs/);
    given.tenant.setMode('down');
    assert.match((await omnispindle('doctor')).stdout, /✘ Tenant: .*could not be reached/);
  });

  for (const [name, members, finding] of [
    [
      'that wants pushed requests',
      { require_pushed_authorization_requests: true },
      /✔ Tenant: .*\(PAR\), which is/,
    ],
    [
      'that wants signed requests',
      { require_signed_request_object: true },
      /✘ Callback: .*only signed authorization requests \(JAR\)/,
    ],
    [
      'that can bind tokens to a key',
      { dpop_signing_alg_values_supported: ['ES256'] },
      /✔ Tenant: .*\(DPoP\), which Omnispindle does not support yet/,
    ],
  ] as const) {
    it(`doctor finds a tenant ${name}, before anybody signs in`, async () => {
      const impostor = await startImpostor();
      impostor.discovers(members);
      try {
        const { stdout } = await run(here({ env: { AUTH0_DOMAIN: impostor.domain } }), 'doctor');
        assert.match(stdout, finding);
      } finally {
        await impostor.close();
      }
    });
  }

  for (const [name, date, finding] of [
    ['that does not say its time', undefined, /✘ Clock: the tenant did not say its time.*try again/],
    ['whose clock is behind ours', -600_000, /✘ Clock: it is (59\d|60\d) s ahead of the tenant’s\. Set it/],
    ['whose clock is ahead of ours', 600_000, /✘ Clock: it is (59\d|60\d) s behind the tenant’s\. Set it/],
    ['whose clock is nearly ours', 30_000, /✔ Clock/],
  ] as const) {
    it(`finds a tenant ${name}`, async () => {
      const tenant = createServer((_request, response) => {
        response.sendDate = false;
        if (date !== undefined) response.setHeader('date', new Date(Date.now() + date).toUTCString());
        response.end('{}');
      }).listen(0, '127.0.0.1');
      await once(tenant, 'listening');
      const { port } = tenant.address() as AddressInfo;
      try {
        const env = { AUTH0_DOMAIN: `http://127.0.0.1:${String(port)}` };
        assert.match((await run(here({ env }), 'doctor')).stdout, finding);
      } finally {
        tenant.close();
      }
    });
  }

  for (const [env, finding] of [
    [{ BROWSER: 'none' }, /✔ Browser: none opens, as BROWSER says/],
    [{ BROWSER: 'no-such-browser:sh -c' }, /✔ Browser: sh opens it/],
    [
      { BROWSER: 'no-such-browser' },
      /✘ Browser: BROWSER is "no-such-browser", which cannot be started.*remove it/,
    ],
    [{ BROWSER: '', SSH_TTY: '/dev/pts/1' }, /✔ Browser: This is an SSH session.*with a code/],
  ] as const) {
    it(`finds which browser opens: ${JSON.stringify(env)}`, async () => {
      assert.match((await run(here({ env }), 'doctor')).stdout, finding);
    });
  }

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
      /! Keychain: There is no keychain to use here \(.*\/dev\/null.*unlock it, or install/,
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

    await omnispindle('init', '--client', 'cursor', '--npx');
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
      const stranger = createServer().listen(callbackPort, host);
      await once(stranger, 'listening');
      const { stdout } = await omnispindle('doctor');
      assert.ok(stdout.includes(`✘ Port: Port ${String(callbackPort)} is used by another program`), stdout);
      stranger.close();
      await once(stranger, 'close');
    }
  });
});
