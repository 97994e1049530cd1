import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseSession } from '../../src/sessions/parseSession.ts';
import {
  environmentAtStart,
  environmentForBrowser,
  reachOptions,
} from '../../src/terminal/signInProcess/environment.ts';
import {
  parseMessage,
  type ProcessMessage,
  type SignInRequest,
} from '../../src/terminal/signInProcess/messages.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { useUser } from '../tenant/useTenant.ts';
import { cli, userEnvironment, visits } from './fixtures.ts';

describe('the process that goes on with a sign-in', () => {
  const given = useUser();
  const request = (more: Partial<SignInRequest> = {}): SignInRequest => {
    const { domain, clientId, audience } = given.tenant;
    const { OMNISPINDLE_DATA_DIR, ...env } = userEnvironment({
      tenant: given.tenant,
      directory: given.directory,
    });
    return { tenant: { domain, clientId, audience }, callbackPort, known: [], env, ...more };
  };

  /** Starts it as `start.ts` does, with these options of Node.js. */
  function start(said: string, options: readonly string[] = []) {
    const child = spawn(process.execPath, [...options, cli, 'sign-in-process'], {
      env: environmentAtStart(userEnvironment({ tenant: given.tenant, directory: given.directory })),
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.write(said);
    const ended = Promise.all([
      once(child, 'exit') as Promise<[number]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    return { child, ended: ended.then(([[code], stdout, stderr]) => ({ code, stdout, stderr })) };
  }
  const events = (stdout: string) =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as ProcessMessage);
  const session = () => {
    const sessions = join(given.directory, 'data', 'sessions');
    const [name = ''] = readdirSync(sessions).filter(file => file.endsWith('.json'));
    return parseSession(readFileSync(join(sessions, name), 'utf8'));
  };

  it('[W10] keeps the session, says which it is, and says no token, code or verifier', async () => {
    const { child, ended } = start(`${JSON.stringify(request())}\n`);
    // Who started it is gone.
    child.stdin.end();
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stderr);
    const kept = session();
    assert.deepEqual(events(stdout).at(-1), { type: 'done', session: kept?.id });
    for (const secret of [kept?.accessToken, kept?.refreshToken, 'code_verifier', 'code=']) {
      assert.ok(secret && !stdout.includes(secret), secret);
    }
    assert.equal(stderr, '');
    for (const event of events(stdout)) assert.deepEqual(parseMessage(JSON.stringify(event)), event);
  });

  it('[W10] opens no browser where it is told nothing that it knows, and nobody a word', async () => {
    const bad: unknown[] = [
      {},
      { ...request(), tenant: { domain: given.tenant.domain } },
      { ...request(), callbackPort: 70_000 },
      { ...request(), known: 'all' },
      { ...request(), env: { BROWSER: 1 } },
    ];
    for (const said of ['', 'nonsense\n', ...bad.map(each => `${JSON.stringify(each)}\n`)]) {
      const { child, ended } = start(said);
      child.stdin.end();
      assert.deepEqual(await ended, { code: 1, stdout: '', stderr: '' }, said.slice(0, 80));
    }
    assert.deepEqual(visits(given.directory), []);
  });

  it('[W10] takes no tenant that is plain http beyond this machine', async () => {
    const tenant = { ...request().tenant, domain: 'http://tenant.example' };
    const { code, stdout } = await start(`${JSON.stringify(request({ tenant }))}\n`).ended;
    assert.equal(code, 1);
    assert.deepEqual(
      events(stdout).map(event => event.type === 'failed' && event.code),
      ['invalid_settings'],
    );
  });

  it('[W10] ends when nobody has signed in for five minutes, and says so', async () => {
    // Its longest times pass a hundred times as fast.
    const quick = `const { timeout } = AbortSignal; AbortSignal.timeout = ms => timeout.call(AbortSignal, ms > 60_000 ? ms / 100 : ms);`;
    const env = { ...request().env, BROWSER: 'none' };
    const { code, stdout } = await start(`${JSON.stringify(request({ env }))}\n`, [
      `--import=data:text/javascript,${encodeURIComponent(quick)}`,
    ]).ended;
    assert.equal(code, 1);
    const last = events(stdout).at(-1);
    assert.equal(last?.type === 'failed' && last.code, 'timed_out');
  });

  it('[W10] ends then even where something does not', async () => {
    const stuck = `const { setTimeout: wait } = globalThis;
      AbortSignal.timeout = () => new AbortController().signal;
      globalThis.setTimeout = (work, ms, ...more) => wait(work, ms > 300_000 ? 3_000 : ms, ...more);`;
    const env = { ...request().env, BROWSER: 'none' };
    const { code } = await start(`${JSON.stringify(request({ env }))}\n`, [
      `--import=data:text/javascript,${encodeURIComponent(stuck)}`,
    ]).ended;
    assert.equal(code, 1);
  });

  it('[W10] begins with what Node.js needs, and gets the rest by the pipe, but for what is decided', () => {
    const env = {
      PATH: '/bin',
      HOME: '/home/ada',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      HTTPS_PROXY: 'http://ada:password@proxy.example',
      API_KEY: 'secret',
      LD_PRELOAD: '/evil.so',
      NODE_OPTIONS: '--require=/evil.cjs',
      AUTH0_TOKEN: 'token',
      AUTH0_DOMAIN: 'evil.example',
      OMNISPINDLE_DATA_DIR: '/data',
      OMNISPINDLE_ENV_FILE: '/evil.env',
    };
    assert.deepEqual(environmentAtStart(env), {
      PATH: '/bin',
      HOME: '/home/ada',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
      OMNISPINDLE_DATA_DIR: '/data',
    });
    const { NODE_OPTIONS, AUTH0_TOKEN, AUTH0_DOMAIN, OMNISPINDLE_DATA_DIR, OMNISPINDLE_ENV_FILE, ...rest } =
      env;
    assert.deepEqual(environmentForBrowser(env), rest);
  });

  it('[E6] reaches the tenant as the editor’s network settings say', () => {
    const OMNISPINDLE_NETWORK = '{"proxy":"http://proxy.example"}';
    const env = { OMNISPINDLE_NETWORK, OMNISPINDLE_BROKER: '/socket', OMNISPINDLE_BROKER_KEY: 'key' };
    assert.deepEqual(environmentForBrowser(env), { OMNISPINDLE_NETWORK });
  });

  it('[W10] reaches the tenant by the same options, and runs nothing by them', () => {
    const NODE_OPTIONS =
      '--use-system-ca --require=/evil.cjs --import /evil.mjs --dns-result-order=ipv4first';
    assert.deepEqual(
      reachOptions({ NODE_OPTIONS }, ['--use-system-ca', '--inspect', '--tls-min-v1.0', '-r', '/x']),
      ['--use-system-ca', '--dns-result-order=ipv4first', '--tls-min-v1.0'],
    );
  });

  it('[W10] is not believed where it says what no such process says', () => {
    for (const line of [
      '',
      '{',
      '{}',
      '{"type":"done"}',
      '{"type":"log","level":"write","message":"x"}',
      '{"type":"progress","message":"x","url":"file:///etc/passwd"}',
    ]) {
      assert.equal(parseMessage(line), undefined, line);
    }
  });
});
