import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import {
  call,
  run,
  serve,
  start as startCommand,
  visits,
  type Served,
  type Surroundings,
} from './fixtures.ts';

const many = 50;

describe('many processes at once', function () {
  this.timeout(120_000);
  let tenant: DemoTenant;
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: Served[] = [];

  before(async () => {
    tenant = await startTenant();
  });
  after(() => tenant.close());
  beforeEach(() => {
    directory = temporaryDirectory();
    tenant.resetCounters();
    tenant.setTokenLifetime(3_600);
    tenant.setMode('normal');
  });
  afterEach(async () => {
    await Promise.all(running.map(({ client }) => client.close()));
    running = [];
    directory.remove();
  });

  async function start(more: Partial<Surroundings> = {}): Promise<Served> {
    const served = await serve({ tenant, directory: directory.path, ...more });
    running.push(served);
    return served;
  }
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
    assert.equal(visits(directory.path).length, 1);
    assert.equal(tenant.counters()['token'], 1);
  });

  it(`share one renewal: ${String(many)} with an expired token`, async () => {
    const servers = await startMany();
    tenant.setTokenLifetime(1);
    await call(servers[0]!.client, 'whoami');
    await delay(1_000);
    tenant.setTokenLifetime(3_600);
    await allAnswer(servers);
    assert.equal(tenant.counters()['token:refresh_token'], 1);
    assert.equal(visits(directory.path).length, 1);
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
    assert.equal(visits(directory.path).length, 1);
  });

  for (const args of [['login'], ['login', '--device']]) {
    it(`sign in after "${args.join(' ')}" was killed`, async () => {
      const here = { tenant, directory: directory.path };
      const killed = startCommand({ ...here, env: { BROWSER: 'none' } }, ...args);
      await killed.says(/sign in.*http/);
      process.kill(killed.pid, 'SIGKILL');
      assert.equal((await killed.ended).signal, 'SIGKILL');
      const next = await run(here, 'login');
      assert.equal(next.code, 0, next.stderr);
      assert.equal(visits(directory.path).length, 1);
    });
  }

  it('keep the session when one is killed while it waits for another’s renewal', async () => {
    tenant.setTokenLifetime(2);
    const [renewing, waiting] = await Promise.all([start(), start()]);
    await allAnswer([renewing, waiting]);
    await delay(2_000);
    tenant.setTokenLifetime(3_600);
    tenant.setMode('slow', 1_000);
    const renewed = call(renewing.client, 'whoami');
    while ((tenant.counters()['token'] ?? 0) < 2) await delay(10);
    const lost = call(waiting.client, 'whoami').catch(() => undefined);
    await delay(100);
    process.kill(waiting.pid, 'SIGKILL');
    await lost;
    assert.equal((await renewed).result?.['email'], 'ada@example.com');
    assert.equal(tenant.counters()['token:refresh_token'], 1);
    assert.equal(visits(directory.path).length, 1);
  });

  it('go on when the one that renews is killed', async () => {
    tenant.setTokenLifetime(1);
    const [first, ...others] = await Promise.all([start(), start(), start()]);
    await call(first.client, 'whoami');
    await delay(1_000);
    tenant.setTokenLifetime(3_600);
    tenant.setMode('slow', 2_000);
    const lost = call(first.client, 'whoami').catch(() => undefined);
    while (!tenant.counters()['token:refresh_token'] && (tenant.counters()['token'] ?? 0) < 2)
      await delay(10);
    process.kill(first.pid, 'SIGKILL');
    tenant.setMode('normal');
    await lost;
    await allAnswer(others);
    // The killed renewal may have reached the tenant: then its answer is lost, and one sign-in follows.
    assert.ok(visits(directory.path).length <= 2);
  });
});
