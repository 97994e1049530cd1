import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import toolList from '../../src/server/generated/toolList.json' with { type: 'json' };
import { freePort } from '../freePort.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { callback, callbackPort } from '../tenant/callbackPort.ts';
import { startTenant } from '../tenant/tenant.ts';
import {
  call,
  run,
  signIn,
  start as startCommand,
  trust,
  visits,
  type Served,
  type Surroundings,
} from './fixtures.ts';
import { useServers } from './useServers.ts';
import { describeNeeds } from '../needs.ts';

const initialize = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1.0.0' },
};

describe('omnispindle serve', () => {
  const given = useServers();
  const { start } = given;

  const here = (more: Partial<Surroundings> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    ...more,
  });

  it('seed: the first use of a tool without a token opens the browser, saves the token and runs the tool', async () => {
    const { client } = await start();
    assert.equal((await client.listTools()).tools.length, toolList.length);
    assert.deepEqual(visits(given.directory), []);
    const { result } = await call(client, 'whoami');
    assert.equal(result?.['email'], 'ada@example.com');
    assert.equal(visits(given.directory).length, 1);
  });

  it('seed: log in with existing credentials, or sign up with Google', async () => {
    const { client } = await start({ person: 'google' });
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'google-oauth2|104242');
  });

  it('seed: all goes through a secure OAuth 2 flow: code, PKCE, state and nonce', async () => {
    await call((await start()).client, 'whoami');
    const { searchParams } = new URL(visits(given.directory)[0] ?? '');
    const { response_type, code_challenge_method, redirect_uri, ...query } = Object.fromEntries(searchParams);
    assert.deepEqual(
      { response_type, code_challenge_method, redirect_uri },
      {
        response_type: 'code',
        code_challenge_method: 'S256',
        redirect_uri: callback,
      },
    );
    for (const name of ['state', 'nonce', 'code_challenge']) {
      assert.ok((query[name] ?? '').length >= 43, name);
    }
    assert.deepEqual(
      Object.keys(query).filter(name => /token|secret|verifier/.test(name)),
      [],
    );
  });

  it('seed: sign up', async () => {
    const { client } = await start({
      person: {
        signUp: { name: 'Mary', email: `mary${String(Date.now())}@example.com`, password: 'long enough' },
      },
    });
    assert.equal((await call(client, 'whoami')).result?.['name'], 'Mary');
  });

  it('seed: the token is loaded for future sessions', async () => {
    await call((await start()).client, 'whoami');
    await call((await start()).client, 'whoami');
    assert.equal(visits(given.directory).length, 1);
    const sessions = join(given.directory, 'data', 'sessions');
    assert.equal(statSync(sessions).mode & 0o777, 0o700);
    for (const name of readdirSync(sessions)) {
      assert.equal(statSync(join(sessions, name)).mode & 0o777, 0o600);
    }
  });

  it('seed: AUTH0_TOKEN overrides everything, from the shell or the client’s env, and opens no browser', async () => {
    const { client } = await start({ env: { AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|own' }) } });
    assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|own');
    assert.deepEqual(visits(given.directory), []);
  });

  for (const [name, write] of [
    ['plain', (token: string) => `AUTH0_TOKEN=${token}\n`],
    ['with quotes, export and CRLF', (token: string) => `# mine\r\nexport AUTH0_TOKEN="${token}"\r\n`],
    ['with the scheme of a header', (token: string) => `AUTH0_TOKEN="Bearer ${token}"\n`],
    ['with a byte order mark', (token: string) => `\uFEFFAUTH0_TOKEN='${token}'\n`],
    [
      'in UTF-16, as PowerShell writes it',
      (token: string) => Buffer.from(`\uFEFFAUTH0_TOKEN=${token}\r\n`, 'utf16le'),
    ],
  ] as const) {
    it(`seed: AUTH0_TOKEN is read from a .env that is trusted, ${name}`, async () => {
      await trust(here(), write(await given.tenant.sign({ sub: 'auth0|file' })));
      const { client } = await start();
      assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|file');
    });
  }

  it('prefers AUTH0_TOKEN to .env, and both to a session', async () => {
    await call((await start()).client, 'whoami');
    await trust(here(), `AUTH0_TOKEN=${await given.tenant.sign({ sub: 'auth0|file' })}\n`);
    assert.equal((await call((await start()).client, 'whoami')).result?.['sub'], 'auth0|file');
    const own = await start({ env: { AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|own' }) } });
    assert.equal((await call(own.client, 'whoami')).result?.['sub'], 'auth0|own');
    assert.equal(visits(given.directory).length, 1);
  });

  it('says where an invalid or expired AUTH0_TOKEN came from', async () => {
    const expired = await given.tenant.sign({ exp: Math.floor(Date.now() / 1000) - 600 });
    await trust(here(), `AUTH0_TOKEN=${expired}\n`);
    assert.match(
      (await call((await start()).client, 'whoami')).error ?? '',
      /AUTH0_TOKEN from .*\.env is invalid or expired/,
    );
    const { client } = await start({ env: { AUTH0_TOKEN: 'nonsense' } });
    assert.match((await call(client, 'whoami')).error ?? '', /AUTH0_TOKEN from the environment/);
    assert.deepEqual(visits(given.directory), []);
  });

  it('seed: when the browser does not open, the address is printed and is in the progress', async () => {
    const { client, stderr } = await start({ env: { BROWSER: 'none' } });
    const told: string[] = [];
    const called = client.callTool({ name: 'whoami', arguments: {} }, undefined, {
      onprogress: ({ message }) => {
        told.push(message ?? '');
      },
    });
    while (!/https?:\S+/.test(told.at(-1) ?? '')) await delay(20);
    const url = /https?:\S+/.exec(told.at(-1) ?? '')?.[0] ?? '';
    assert.ok(stderr().includes(url));
    await signInByForm(url);
    assert.equal((await called).isError, undefined);
  });

  it('seed: port conflict: a code is offered instead, with the reason; nothing crashes', async () => {
    const stranger = createServer().listen(callbackPort, '127.0.0.1');
    await new Promise(resolve => stranger.once('listening', resolve));
    try {
      const { client, stderr } = await start();
      const { result } = await call(client, 'whoami');
      assert.equal(result?.['email'], 'ada@example.com');
      assert.ok(stderr().includes(`${String(callbackPort)} is used by another program`));
      assert.equal(given.tenant.counters()['token:device_code'], 1);
    } finally {
      stranger.close();
    }
  });

  it('seed: CALLBACK_PORT names another port', async () => {
    const port = String(await freePort());
    const own = await startTenant({ redirectUris: [`http://localhost:${port}/callback`] });
    try {
      const served = await start({ tenant: own, env: { CALLBACK_PORT: port } });
      assert.equal((await call(served.client, 'whoami')).result?.['email'], 'ada@example.com');
      const wrong = await start({ tenant: own, env: { CALLBACK_PORT: 'many' } });
      assert.match((await call(wrong.client, 'whoami')).error ?? '', /CALLBACK_PORT is "many"/);
    } finally {
      await own.close();
    }
  });

  for (const [name, env, reason] of [
    ['over SSH', { BROWSER: '', SSH_CONNECTION: '1.2.3.4 5 6.7.8.9 22' }, /SSH session/],
    ['without a display or in a container', { BROWSER: '' }, /no display|container/],
  ] as const) {
    it(`takes a device code ${name}, with the reason said`, async () => {
      const { client } = await start({ env });
      const told: string[] = [];
      const stop = new AbortController();
      const called = client.callTool({ name: 'whoami', arguments: {} }, undefined, {
        signal: stop.signal,
        onprogress: ({ message }) => {
          told.push(message ?? '');
        },
      });
      while (!told.some(message => message.includes('enter the code'))) await delay(20);
      assert.ok(
        told.some(message => reason.test(message)),
        told.join('\n'),
      );
      stop.abort();
      await assert.rejects(called);
    });
  }

  it('seed: when the token expires, the next use of a tool renews it silently, or asks again', async () => {
    given.tenant.setTokenLifetime(2);
    const { client } = await start();
    await call(client, 'whoami');
    await delay(2_000);
    assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
    assert.equal(given.tenant.counters()['token:refresh_token'], 1);
    await given.tenant.revokeSessions();
    await delay(2_000);
    assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
    assert.equal(visits(given.directory).length, 2);
  });

  for (const [name, another] of [
    ['the same server', undefined],
    ['another server', () => start({ env: { BROWSER: 'none' } })],
  ] as const) {
    it(`joins a sign-in that an earlier call gave up on, from ${name}`, () => joins(another));
  }

  async function joins(another: (() => Promise<Served>) | undefined): Promise<void> {
    const { client } = await start({ env: { BROWSER: 'none' } });
    const stop = new AbortController();
    let url = '';
    const first = client.callTool({ name: 'whoami', arguments: {} }, undefined, {
      signal: stop.signal,
      onprogress: ({ message }) => {
        url = /https?:\S+/.exec(message ?? '')?.[0] ?? url;
      },
    });
    while (!url) await delay(20);
    stop.abort();
    await assert.rejects(first);
    const second = call((await another?.())?.client ?? client, 'whoami');
    await signInByForm(url);
    assert.equal((await second).result?.['email'], 'ada@example.com');
    assert.equal(given.tenant.counters()['token'], 1);
  }

  it('seed: each user gets their own identity, and sees only their own todos', async () => {
    const ada = await start();
    await call(ada.client, 'add_todo', { description: 'Ada’s', project: 'p' });
    await run(here({ person: 'google' }), 'login', '--account', 'grace@gmail.example');
    const grace = await start({ env: { OMNISPINDLE_ACCOUNT: 'grace@gmail.example' } });
    assert.equal((await call(grace.client, 'query_todos')).result?.['total'], 0);
    await call(grace.client, 'add_todo', { description: 'Grace’s', project: 'p' });
    const again = await start({ env: { OMNISPINDLE_ACCOUNT: 'ada@example.com' } });
    assert.equal((await call(again.client, 'query_todos')).result?.['total'], 1);
    assert.equal((await call(again.client, 'whoami')).result?.['email'], 'ada@example.com');
    const { todos } = (await call(again.client, 'query_todos')).result as { todos: { id: string }[] };
    const theirs = await call(grace.client, 'get_todo', { todo_id: todos[0]?.id });
    assert.match(theirs.error ?? '', /nothing of yours/);
  });

  it('opens the browser for the named account where it is not signed in, whoever else is', async () => {
    await signIn(here({ person: 'google' }));
    const { client } = await start({
      serveArgs: ['--account', 'ada@example.com'],
      env: { OMNISPINDLE_ACCOUNT: 'grace@gmail.example' },
    });
    assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
    assert.match(visits(given.directory)[1] ?? '', /login_hint=ada/);
  });

  it('says who signed in where that is not the named account', async () => {
    const { client } = await start({ env: { OMNISPINDLE_ACCOUNT: 'edith@example.com' } });
    const { error } = await call(client, 'whoami');
    assert.match(error ?? '', /You signed in as ada@example\.com, but edith@example\.com was asked for/);
  });

  for (const serveArgs of [[], ['--account', 'ada@example.com']]) {
    it(`ends with its client, even while a sign-in waits: serve ${serveArgs.join(' ')}`, async () => {
      const served = startCommand(here({ env: { BROWSER: 'none' } }), 'serve', ...serveArgs);
      for (const message of [
        { id: 1, method: 'initialize', params: initialize },
        { method: 'notifications/initialized' },
        { id: 2, method: 'tools/call', params: { name: 'whoami', arguments: {} } },
      ]) {
        served.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      }
      await served.says(/\/authorize/);
      served.stdin.end();
      const { code, signal } = await served.ended;
      assert.deepEqual({ code, signal }, { code: 0, signal: null });
    });
  }

  it('says what is wrong with a setting it cannot start with, and nothing more', async () => {
    for (const args of [[], ['--account', 'ada@example.com']]) {
      const { code, stdout, stderr } = await run(
        here({ env: { OMNISPINDLE_TOOL_LOADOUT: 'most' } }),
        'serve',
        ...args,
      );
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^omnispindle: OMNISPINDLE_TOOL_LOADOUT is "most"\. Set it to one of: .*\n$/);
    }
  });

  it('leaves a damaged session as it is and makes one private that others can read, with a warning', async () => {
    await call((await start()).client, 'whoami');
    const sessions = join(given.directory, 'data', 'sessions');
    const [name = ''] = readdirSync(sessions).filter(file => file.endsWith('.json'));
    chmodSync(join(sessions, name), 0o644);
    const loose = await start();
    await call(loose.client, 'whoami');
    assert.equal(statSync(join(sessions, name)).mode & 0o777, 0o600);
    assert.match(loose.stderr(), /could be read by other users/);
    writeFileSync(join(sessions, name), '{"version":1,');
    const corrupt = await start();
    assert.equal((await call(corrupt.client, 'whoami')).result?.['email'], 'ada@example.com');
    assert.match(corrupt.stderr(), /could not be read.*It is left as it is/);
    assert.equal(readFileSync(join(sessions, name), 'utf8'), '{"version":1,');
  });

  describeNeeds(['root', 'Linux'], 'on a full disk', () => {
    let disk: string;
    let full: Partial<Surroundings>;
    const free = () => {
      rmSync(join(disk, 'filler'));
    };
    beforeEach(() => {
      disk = join(given.directory, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
      mkdirSync(join(disk, 'data'), { mode: 0o700 });
      full = { env: { OMNISPINDLE_DATA_DIR: join(disk, 'data') } };
      assert.throws(() => {
        writeFileSync(join(disk, 'filler'), 'x'.repeat(100_000));
      });
    });
    afterEach(async () => {
      await given.close();
      execFileSync('umount', [disk]);
    });

    it('signs in, says that the session could not be kept and why, and the call completes', async () => {
      const { client, stderr } = await start(full);
      const told: string[] = [];
      const { isError, structuredContent } = await client.callTool(
        { name: 'whoami', arguments: {} },
        undefined,
        {
          onprogress: ({ message }) => {
            told.push(message ?? '');
          },
        },
      );
      assert.ok(!isError, JSON.stringify(structuredContent));
      for (const words of [told.join('\n'), stderr()]) {
        assert.match(words, /signed in as ada@example\.com, but only until.*ENOSPC.*Free some space/);
      }
      assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
      assert.equal(visits(given.directory).length, 1);
      free();
      assert.equal((await call((await start(full)).client, 'whoami')).result?.['email'], 'ada@example.com');
      assert.equal((await call((await start(full)).client, 'whoami')).result?.['email'], 'ada@example.com');
      assert.equal(visits(given.directory).length, 2);
    });

    it('opens one tab for all that wait', async () => {
      const open = () => start({ env: { ...full.env, OMNISPINDLE_DEBUG: '1' } });
      const servers = await Promise.all([open(), open(), open()]);
      given.tenant.holdTokenAnswers();
      const calls = Promise.all(servers.map(({ client }) => call(client, 'whoami')));
      const waits = ({ stderr }: Served) => stderr().includes('Another process is at it: sign-in');
      while (servers.filter(waits).length < 2) await delay(20);
      given.tenant.releaseTokenAnswers();
      const answers = await calls;
      assert.equal(visits(given.directory).length, 1);
      assert.equal(answers.filter(({ result }) => result?.['email'] === 'ada@example.com').length, 1);
      assert.equal(answers.filter(({ error }) => /ENOSPC.*Free some space/.test(error ?? '')).length, 2);
    });

    it('keeps the session as soon as there is room, when it is renewed', async () => {
      given.tenant.setTokenLifetime(2);
      const { client } = await start(full);
      await call(client, 'whoami');
      free();
      await delay(2_000);
      assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
      assert.equal((await call((await start(full)).client, 'whoami')).result?.['email'], 'ada@example.com');
      assert.equal(visits(given.directory).length, 1);
    });

    it('opens no browser for a login that could not be kept', async () => {
      const { code, stderr } = await run(here(full), 'login');
      assert.equal(code, 1);
      assert.match(stderr, /ENOSPC.*Free some space/);
      assert.deepEqual(visits(given.directory), []);
    });
  });

  describeNeeds(['root', 'Linux'], 'with a home that can only be read', () => {
    let home: string;
    beforeEach(() => {
      home = join(given.directory, 'home');
      mkdirSync(home);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', home]);
    });
    afterEach(async () => {
      await given.close();
      execFileSync('umount', [home]);
    });
    const env = (more: Record<string, string> = {}) => ({ HOME: home, OMNISPINDLE_DATA_DIR: '', ...more });

    it('says what to do, and opens no browser', async () => {
      const { client } = await start({ env: env() });
      const { error } = await call(client, 'whoami');
      assert.ok(error?.startsWith(`Omnispindle could not write to ${home}`), error);
      assert.match(
        error ?? '',
        /correct its permissions, or name another directory with OMNISPINDLE_DATA_DIR/,
      );
      for (const args of [['login'], ['token', '--login']]) {
        const ran = await run(here({ env: env() }), ...args);
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /could not write to .*OMNISPINDLE_DATA_DIR/);
      }
      assert.equal((await run(here({ env: env() }), 'whoami')).code, 3);
      assert.deepEqual(visits(given.directory), []);
    });

    it('serves a token of the person’s own, as far as nothing must be written', async () => {
      const { client } = await start({
        env: env({ AUTH0_TOKEN: await given.tenant.sign({ sub: 'auth0|own' }) }),
      });
      assert.equal((await call(client, 'whoami')).result?.['sub'], 'auth0|own');
      const { error } = await call(client, 'add_todo', { description: 'Spin', project: 'wool' });
      assert.match(error ?? '', /todo database .* could not be used .*Nothing was changed/);
    });
  });

  it('says what to do where its directory cannot be written', async () => {
    const { client } = await start({ env: { OMNISPINDLE_DATA_DIR: join(import.meta.filename, 'data') } });
    assert.match((await call(client, 'whoami')).error ?? '', /could not write to .*OMNISPINDLE_DATA_DIR/);
    assert.deepEqual(visits(given.directory), []);
  });

  it('writes nothing but protocol on stdout, and no secret anywhere', async () => {
    const { client, stderr, gone } = await start({ env: { OMNISPINDLE_DEBUG: '1' } });
    const errors: unknown[] = [];
    client.onerror = error => errors.push(error);
    await call(client, 'whoami');
    assert.deepEqual(errors, []);
    const [session = ''] = readdirSync(join(given.directory, 'data', 'sessions')).filter(file =>
      file.endsWith('.json'),
    );
    const { accessToken, refreshToken } = JSON.parse(
      readFileSync(join(given.directory, 'data', 'sessions', session), 'utf8'),
    ) as Record<string, string>;
    assert.ok(accessToken && refreshToken);
    await given.close();
    await gone;
    assert.ok(!stderr().includes(accessToken) && !stderr().includes(refreshToken));
    assert.match(stderr(), /Signed in as ada/);
  });
});
