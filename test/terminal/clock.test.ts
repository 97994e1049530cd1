import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { call, serve, visits, type Served } from './fixtures.ts';

const shiftedClock = join(import.meta.dirname, 'shiftedClock.mjs');
const minute = 60_000;

describe('a clock that is wrong by five minutes', () => {
  let tenant: DemoTenant;
  let directory: ReturnType<typeof temporaryDirectory>;
  let served: Served;

  before(async () => {
    tenant = await startTenant();
  });
  after(() => tenant.close());
  beforeEach(() => {
    directory = temporaryDirectory();
    tenant.resetCounters();
  });
  afterEach(async () => {
    await served.client.close();
    directory.remove();
  });

  const start = async (shift: number) => {
    served = await serve({
      tenant,
      directory: directory.path,
      env: { NODE_OPTIONS: `--import=${shiftedClock}`, CLOCK_SHIFT: String(shift) },
    });
    return served.client;
  };

  for (const [name, shift] of [
    ['ahead', 5 * minute],
    ['behind', -5 * minute],
  ] as const) {
    it(`does no harm when it is ${name}: one sign-in, one renewal an expiry`, async () => {
      tenant.setTokenLifetime(3);
      const client = await start(shift);
      const renewals = () => tenant.counters()['token:refresh_token'] ?? 0;
      const started = Date.now();
      while (renewals() < 3) {
        const { result, error } = await call(client, 'add_todo', { description: 'Spin', project: name });
        assert.equal(error, undefined);
        assert.ok(
          Math.abs(
            Date.parse(String((result?.['todo'] as { created_at: string }).created_at)) - Date.now() - shift,
          ) < minute,
          'The clock was shifted.',
        );
        await delay(200);
      }
      assert.ok(Date.now() - started >= 2 * 3_000 * 0.9, 'A renewal came before it was due.');
      assert.equal(visits(directory.path).length, 1);
    });
  }

  it('forgives no more than a minute where a token came from elsewhere', async () => {
    const now = Math.floor(Date.now() / 1000);
    const token = await tenant.sign({ iat: now - 3_600, exp: now - 120 });
    served = await serve({ tenant, directory: directory.path, env: { AUTH0_TOKEN: token } });
    assert.match((await call(served.client, 'whoami')).error ?? '', /expired/);
  });
});
