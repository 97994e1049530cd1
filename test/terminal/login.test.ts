import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { signInByForm } from '../tenant/browserless.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { useUser } from '../tenant/useTenant.ts';
import { call, run, serve, start, trust, userEnvironment, visits, type Surroundings } from './fixtures.ts';

const address = /https?:\S+\/authorize\S+/;

/** Takes the callback's port, as a stranger does. @throws where it is taken already */
function takePort(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(callbackPort, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

describe('omnispindle login', () => {
  const given = useUser();

  const here = (env: Record<string, string> = {}): Surroundings => ({
    tenant: given.tenant,
    directory: given.directory,
    env,
  });
  const byHand = { BROWSER: 'none' };
  const locks = () => readdirSync(join(given.directory, 'data')).filter(name => name.endsWith('.lock'));

  describe('stopped', () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      for (const args of [['login'], ['login', '--device'], ['token', '--login']]) {
        it(`by ${signal}, "${args.join(' ')}" says so, and lets go of port and locks`, async () => {
          const waiting = start(here(byHand), ...args);
          await waiting.says(/sign in.*http/);
          process.kill(waiting.pid, signal);
          const ended = await waiting.ended;
          assert.equal(ended.signal, null);
          assert.equal(ended.code, code);
          assert.match(ended.stderr, /omnispindle: The sign-in was cancelled/);
          assert.equal(ended.stdout, '');
          assert.deepEqual(locks(), []);
          (await takePort()).close();
        });
      }
    }

    it('tells the one that waits with it', async () => {
      const first = start(here(byHand), 'login');
      await first.says(address);
      const second = start(here(byHand), 'login');
      await second.says(/already open/);
      process.kill(first.pid, 'SIGINT');
      const { code, stderr } = await second.ended;
      assert.equal(code, 3);
      assert.match(stderr, /The sign-in was cancelled/);
    });

    it('while it waits for another’s sign-in, leaves that one alone', async () => {
      const first = start(here(byHand), 'login');
      await first.says(address);
      const second = start(here(byHand), 'login');
      await second.says(/already open/);
      process.kill(second.pid, 'SIGINT');
      assert.equal((await second.ended).code, 130);
      await signInByForm(address.exec(first.stderr())?.[0] ?? '');
      assert.equal((await first.ended).code, 0);
    });
  });

  it('says that a sign-in is already open, shows its address, and finishes with it', async () => {
    const { client, says } = await serve(here(byHand));
    const called = call(client, 'whoami');
    await says(address);
    const login = start(here(byHand), 'login');
    await login.says(/A sign-in is already open\..*\/authorize/);
    await signInByForm(address.exec(login.stderr())?.[0] ?? '');
    const { code, stdout } = await login.ended;
    assert.equal(code, 0);
    assert.match(stdout, /signed in as ada@example\.com/);
    assert.equal((await called).result?.['email'], 'ada@example.com');
    assert.equal(given.tenant.counters()['token'], 1);
    await client.close();
  });

  for (const [name, env, reason] of [
    ['over SSH', { BROWSER: '', SSH_CONNECTION: '1.2.3.4 5 6.7.8.9 22' }, /SSH session/],
    ['in a container or without a display', { BROWSER: '' }, /no display|container/],
  ] as const) {
    it(`says why it takes a device code ${name}`, async () => {
      const login = start(here(env), 'login');
      await login.says(/enter the code/);
      assert.match(login.stderr(), reason);
      process.kill(login.pid, 'SIGINT');
      await login.ended;
    });
  }

  for (const page of ['--signup', '--google']) {
    it(`refuses --device with ${page}, which a code has no page for`, async () => {
      const { code, stderr } = await run(here(), 'login', '--device', page);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`'--device' cannot be used with option '${page}'`));
    });
  }

  it('says once why it takes a device code where a stranger has the port', async () => {
    const stranger = await takePort();
    try {
      const { code, stderr } = await run(here(), 'login');
      assert.equal(code, 0);
      const why = `Port ${String(callbackPort)} is used by another program`;
      assert.equal(stderr.split(why).length, 2, stderr);
      assert.equal(given.tenant.counters()['token:device_code'], 1);
    } finally {
      stranger.close();
    }
  });

  for (const [name, value] of [
    ['with arguments', (browser: string) => `sh "${browser}"`],
    ['with a place for the address', (browser: string) => `sh -c '"${browser}" "$1"' browser %s`],
    ['as a list, of which the first cannot be started', (browser: string) => `no-such-browser:${browser}`],
  ] as const) {
    it(`opens BROWSER ${name}`, async () => {
      const { BROWSER: browser = '' } = userEnvironment(here());
      const { code, stderr } = await run(here({ BROWSER: value(browser) }), 'login');
      assert.equal(code, 0, stderr);
      assert.match(visits(given.directory)[0] ?? '', /\/authorize\?.*&state=/);
    });
  }

  it('prints the address where no BROWSER can be started', async () => {
    const login = start(here({ BROWSER: 'no-such-browser --private' }), 'login');
    await login.says(/Open this address in a browser.*\/authorize/);
    await signInByForm(address.exec(login.stderr())?.[0] ?? '');
    assert.equal((await login.ended).code, 0);
  });

  describe('AUTH0_TOKEN, by', () => {
    const expired = () => given.tenant.sign({ exp: Math.floor(Date.now() / 1000) - 600 });

    for (const command of ['token', 'whoami']) {
      it(`${command}: an expired one is refused, with where it came from and why`, async () => {
        const fromEnvironment = await run(here({ AUTH0_TOKEN: await expired() }), command);
        assert.equal(fromEnvironment.code, 3);
        assert.equal(fromEnvironment.stdout, '');
        assert.match(fromEnvironment.stderr, /AUTH0_TOKEN from the environment is invalid.*has expired/);
        await trust(here(), `AUTH0_TOKEN=${await expired()}\n`);
        const { stderr } = await run(here(), command);
        assert.ok(stderr.includes(`AUTH0_TOKEN from ${join(given.directory, '.env')} is invalid`), stderr);
      });
    }

    it('token: one for another API is refused, a valid one printed', async () => {
      const other = await run(
        here({ AUTH0_TOKEN: await given.tenant.sign({ aud: 'https://other.example' }) }),
        'token',
      );
      assert.equal(other.code, 3);
      assert.match(other.stderr, /AUTH0_TOKEN from the environment.*not for the API/);
      const good = await given.tenant.sign({});
      assert.equal((await run(here({ AUTH0_TOKEN: good }), 'token')).stdout, `${good}\n`);
      const whoami = await run(here({ AUTH0_TOKEN: good }), 'whoami', '--json');
      const [account] = (JSON.parse(whoami.stdout) as { accounts: Record<string, string>[] }).accounts;
      assert.ok(account?.['label'], whoami.stdout);
      assert.deepEqual(visits(given.directory), []);
    });

    it('login: it is said that this token counts, and not the sign-in', async () => {
      const { code, stderr } = await run(here({ AUTH0_TOKEN: await given.tenant.sign({}) }), 'login');
      assert.equal(code, 0);
      assert.match(stderr, /AUTH0_TOKEN from the environment is used instead of any sign-in. Remove it/);
    });
  });
});
