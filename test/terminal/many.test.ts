import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { call, run, start as startCommand, visits, type Served } from './fixtures.ts';
import { useServers } from './useServers.ts';

const many = 50;

describe('many processes at once', function () {
  this.timeout(120_000);
  const given = useServers();
  const { start } = given;

  const startMany = () => Promise.all(Array.from({ length: many }, () => start()));
  async function allAnswer(servers: readonly Served[]): Promise<void> {
    const answers = await Promise.all(servers.map(({ client }) => call(client, 'whoami')));
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

  it('go on when the one that signs in is killed', async () => {
    const first = await start({ env: { BROWSER: 'none' } });
    const lost = call(first.client, 'whoami').catch(() => undefined);
    while (!first.stderr().includes('/authorize')) await delay(20);
    const others = await Promise.all([start(), start(), start()]);
    const answered = allAnswer(others);
    await delay(300);
    process.kill(first.pid, 'SIGKILL');
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
    given.tenant.setTokenLifetime(2);
    const [renewing, waiting] = await Promise.all([start(), start()]);
    await allAnswer([renewing, waiting]);
    await delay(2_000);
    given.tenant.setTokenLifetime(3_600);
    given.tenant.setMode('slow', 1_000);
    const renewed = call(renewing.client, 'whoami');
    while ((given.tenant.counters()['token'] ?? 0) < 2) await delay(10);
    const lost = call(waiting.client, 'whoami').catch(() => undefined);
    await delay(100);
    process.kill(waiting.pid, 'SIGKILL');
    await lost;
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
    given.tenant.setMode('slow', 2_000);
    const lost = call(first.client, 'whoami').catch(() => undefined);
    while (!given.tenant.counters()['token:refresh_token'] && (given.tenant.counters()['token'] ?? 0) < 2)
      await delay(10);
    process.kill(first.pid, 'SIGKILL');
    given.tenant.setMode('normal');
    await lost;
    await allAnswer(others);
    // The killed renewal may have reached the tenant: then its answer is lost, and one sign-in follows.
    assert.ok(visits(given.directory).length <= 2);
  });
});
