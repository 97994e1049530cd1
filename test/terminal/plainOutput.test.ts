import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { useUser } from '../tenant/useTenant.ts';
import { run, visits, type Surroundings } from './fixtures.ts';
import { runOnTerminal } from './onTerminal.ts';
import { describeNeeds } from '../needs.ts';

/** Everything but new lines and tabs that moves, hides or sends something. */
const forbidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

const clipboard = '\u001b]52;c;ZXZpbA==\u0007';
const red = '\u001b[31m';
const evil = `${red}${clipboard}\u009b2J\u202e\u200b\u2028`;
const forged = 'omnispindle: error: forged';

describeNeeds(['Linux'], 'what a terminal is shown', () => {
  let server: Server | undefined;
  const given = useUser(async () => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    return Promise.resolve();
  });
  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });

  /** Runs a command on a terminal. @returns what the terminal is sent */
  const onTerminal = async (surroundings: Surroundings, ...args: string[]): Promise<string> =>
    (await runOnTerminal(surroundings, args, { columns: 0 })).sent;

  let signUps = 0;
  /** Somebody whose name and address are an attack; the tenant takes them as they are. */
  const attacker = () => ({
    signUp: {
      name: `Mallory${evil}\n${forged}`,
      email: `mallory${String(++signUps)}${evil}@example.com`,
      password: 'long enough',
    },
  });

  /** A tenant whose refusals are an attack. */
  async function evilTenant() {
    const made = createServer((request, response) => {
      const domain = `http://localhost:${String((made.address() as AddressInfo).port)}`;
      const isDiscovery = request.url?.includes('well-known') ?? false;
      response.writeHead(isDiscovery ? 200 : 400, { 'content-type': 'application/json' });
      const discovery = {
        issuer: `${domain}/`,
        authorization_endpoint: `${domain}/authorize`,
        token_endpoint: `${domain}/oauth/token`,
        device_authorization_endpoint: `${domain}/oauth/device/code`,
        jwks_uri: `${domain}/.well-known/jwks.json`,
      };
      const refusal = { error: `oops${evil}\n${forged}`, error_description: `${evil}\n${forged}` };
      response.end(JSON.stringify(isDiscovery ? discovery : refusal));
    });
    server = made.listen(0, 'localhost');
    await new Promise(resolve => made.once('listening', resolve));
    return {
      ...given.tenant,
      domain: `http://localhost:${String((made.address() as AddressInfo).port)}`,
      clientId: given.tenant.clientId,
      audience: given.tenant.audience,
    };
  }

  it('[T15] of an account’s name and address is only what can be seen, in every command, as text and as JSON', async () => {
    const login = await run(here({ person: attacker() }), 'login', '--signup');
    assert.equal(login.code, 0, login.stderr);
    assert.match(login.stdout, /signed in as mallory/);
    const ran = [
      login,
      await run(here(), 'whoami'),
      await run(here(), 'whoami', '--json'),
      await run(here({ env: { OMNISPINDLE_DEBUG: '1' } }), 'logout', '--json'),
      await run(here({ person: attacker() }), 'login', '--signup', '--json'),
      await run(here(), 'logout'),
    ];
    for (const { stdout, stderr } of ran) {
      assert.doesNotMatch(stdout + stderr, forbidden);
      assert.doesNotMatch(stdout + stderr, /^omnispindle: error: forged/m);
    }
    assert.ok(ran.some(({ stdout }) => stdout.includes('mallory')));
  });

  it('[T15] is the same where it is a terminal, in which our own colours stay', async () => {
    const text = await onTerminal(here({ person: attacker() }), 'login', '--signup');
    assert.ok(text.includes('\u001b[32mYou are signed in as mallory'), JSON.stringify(text));
    assert.ok(!text.includes(red), JSON.stringify(text));
    assert.ok(!text.includes(clipboard), JSON.stringify(text));
    assert.equal(visits(given.directory).length, 1);
    for (const args of [['whoami'], ['whoami', '--json'], ['logout']]) {
      const said = await onTerminal(here(), ...args);
      assert.match(said, /mallory/);
      assert.doesNotMatch(said, forbidden);
    }
  });

  it('[T15] of a tenant’s refusal is only what can be seen, on one line', async () => {
    const tenant = await evilTenant();
    for (const args of [['--device'], ['--device', '--json']]) {
      const { code, stdout, stderr } = await run(here({ tenant }), 'login', ...args);
      assert.equal(code, 4);
      assert.match(stdout + stderr, /oops/);
      assert.doesNotMatch(stdout + stderr, forbidden);
      assert.doesNotMatch(stderr, /^omnispindle: error: forged/m);
    }
  });

  it('[T15] of arguments, settings and the names of files is only what can be seen', async () => {
    const directory = join(given.directory, `home${red}\u009b2J\u202e\n${forged}`);
    mkdirSync(directory);
    for (const args of [
      [`--${evil}`],
      [`${evil}\n${forged}`],
      ['login', '--account', evil, evil],
      ['init', '--client', `${evil}\n${forged}`],
      ['init', '--client', 'cursor'],
      ['init', '--client', 'cursor', '--json'],
      ['init', '--client', 'cursor', '--print'],
      ['connect', `http://${evil}\n${forged}`],
      ['connect', 'https://x.example/mcp', '--header-file', `${evil}\n${forged}`],
      ['run', '--variable', `${evil}\n${forged}`, '--', 'true'],
      ['run', '--variable', 'T', '--', `${evil}\n${forged}`],
      ['trust', `${evil}\n${forged}`],
      ['doctor'],
      ['doctor', '--json'],
    ]) {
      const env = { BROWSER: `no-such${evil}`, CALLBACK_PORT: args[0] === 'login' ? `1${evil}` : '' };
      const { stdout, stderr } = await run({ ...here({ env }), directory }, ...args);
      assert.notEqual(stdout + stderr, '', args.join(' '));
      assert.doesNotMatch(stdout + stderr, forbidden, JSON.stringify(args));
      assert.doesNotMatch(stderr, /^omnispindle: error: forged/m, JSON.stringify(args));
    }
  });

  it('[T15] of an error that nobody expected is only what can be seen, without the secret in it', async () => {
    const code = `setTimeout(() => { throw new Error(${JSON.stringify(`${evil}\n${forged} accessToken: S3CRET99`)}); }, 300)`;
    for (const args of [['serve'], ['connect', 'https://x.example/mcp']]) {
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(code)}`;
      const { code: status, stderr } = await run(here({ env: { NODE_OPTIONS } }), ...args);
      assert.equal(status, 1);
      assert.match(stderr, /forged/);
      assert.doesNotMatch(stderr, forbidden);
      assert.doesNotMatch(stderr, /S3CRET99|^omnispindle: error: forged/m);
    }
  });
});
