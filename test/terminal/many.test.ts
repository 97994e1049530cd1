import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { call, run, start as startCommand, visits, type Served } from './fixtures.ts';
import { endSignIns } from './processes.ts';
import { useServers } from './useServers.ts';

const many = 50;
/** With news of its progress a call may take as long as many processes on a busy machine do. */
const patient = { timeout: 180_000, onprogress: () => undefined };

describe('many processes at once', function () {
  this.timeout(240_000);
  const given = useServers();
  const { start } = given;

  const startMany = () => Promise.all(Array.from({ length: many }, () => start()));
  async function allAnswer(servers: readonly Served[]): Promise<void> {
    const answers = await Promise.all(servers.map(({ client }) => call(client, 'whoami', {}, patient)));
    assert.deepEqual(
      [...new Set(answers.map(({ result, error }) => result?.['email'] ?? error))],
      ['ada@example.com'],
    );
  }

  it(`share one tab and one code exchange: ${String(many)} without a token`, async () => {
    await allAnswer(await startMany());
    assert.equal(visits(given.directory).length, 1);
    assert.equal(given.tenant.counters()['token'], 1);
  });

  it(`share one renewal: ${String(many)} with an expired token`, async () => {
    const servers = await startMany();
    given.tenant.setTokenLifetime(1);
    await call(servers[0]!.client, 'whoami');
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    await allAnswer(servers);
    assert.equal(given.tenant.counters()['token:refresh_token'], 1);
    assert.equal(visits(given.directory).length, 1);
  });

  it('go on when the process that signs in is killed, and the one that goes on with the sign-in, too', async () => {
    const first = await start({ env: { BROWSER: 'none' } });
    const lost = call(first.client, 'whoami').catch(() => undefined);
    await first.says(/\/authorize/);
    const others = await Promise.all([start(), start(), start()]);
    const answered = allAnswer(others);
    await Promise.all(others.map(({ says }) => says(/already open/)));
    process.kill(first.pid, 'SIGKILL');
    await endSignIns(given.directory);
    await answered;
    await lost;
    assert.equal(visits(given.directory).length, 1);
  });

  for (const args of [['login'], ['login', '--device']]) {
    it(`sign in after "${args.join(' ')}" was killed`, async () => {
      const here = { tenant: given.tenant, directory: given.directory };
      const killed = startCommand({ ...here, env: { BROWSER: 'none' } }, ...args);
      await killed.says(/sign in.*http/);
      process.kill(killed.pid, 'SIGKILL');
      assert.equal((await killed.ended).signal, 'SIGKILL');
      const next = await run(here, 'login');
      assert.equal(next.code, 0, next.stderr);
      assert.equal(visits(given.directory).length, 1);
    });
  }

  it('keep the session when one is killed while it waits for another’s renewal', async () => {
    given.tenant.setTokenLifetime(1);
    const [renewing, waiting] = await Promise.all([start(), start({ env: { OMNISPINDLE_DEBUG: '1' } })]);
    await call(renewing.client, 'whoami');
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    given.tenant.holdTokenAnswers();
    const renewed = call(renewing.client, 'whoami');
    while (!given.tenant.counters()['token:refresh_token']) await delay(10);
    const lost = call(waiting.client, 'whoami').catch(() => undefined);
    await waiting.says(/Another process is at it: renew/);
    process.kill(waiting.pid, 'SIGKILL');
    await lost;
    given.tenant.releaseTokenAnswers();
    assert.equal((await renewed).result?.['email'], 'ada@example.com');
    assert.equal(given.tenant.counters()['token:refresh_token'], 1);
    assert.equal(visits(given.directory).length, 1);
  });

  it('go on when the one that renews is killed', async () => {
    given.tenant.setTokenLifetime(1);
    const [first, ...others] = await Promise.all([start(), start(), start()]);
    await call(first.client, 'whoami');
    await delay(1_000);
    given.tenant.setTokenLifetime(3_600);
    given.tenant.holdTokenAnswers();
    const lost = call(first.client, 'whoami').catch(() => undefined);
    while (!given.tenant.counters()['token:refresh_token']) await delay(10);
    process.kill(first.pid, 'SIGKILL');
    await lost;
    given.tenant.releaseTokenAnswers();
    await allAnswer(others);
    // The tenant has renewed it, and the answer is lost with the one that asked: one sign-in follows.
    assert.equal(visits(given.directory).length, 2);
  });
});
