import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { call, serve, visits, type Served } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

const many = 50;
const expiries = 20;
/** Seconds: long enough that on a slow machine all have the new token well before its end. */
const lifetime = 6;

describeNeeds(['a POSIX system'], 'tokens in many running servers', function () {
  this.timeout(300_000);
  let tenant: DemoTenant;
  let directory: ReturnType<typeof temporaryDirectory>;
  let running: Served[] = [];

  before(async () => {
    tenant = await startTenant({ tokenLifetime: lifetime });
    directory = temporaryDirectory();
    running = await Promise.all(
      Array.from({ length: many }, () => serve({ tenant, directory: directory.path })),
    );
  });
  after(async () => {
    await Promise.all(running.map(({ client }) => client.close()));
    directory.remove();
    await tenant.close();
  });

  const renewals = () => tenant.counters()['token:refresh_token'] ?? 0;

  it(`stay good across ${String(expiries)} expiries in ${String(many)} processes, with one renewal each`, async () => {
    const started = Date.now();
    await Promise.all(
      running.map(async ({ client }) => {
        while (renewals() < expiries) {
          const { result, error } = await call(client, 'whoami');
          assert.equal(result?.['email'] ?? error, 'ada@example.com');
          // The last one outlives every call that is still under way.
          if (renewals() === expiries - 1) tenant.setTokenLifetime(3_600);
          await delay(500);
        }
      }),
    );
    assert.equal(renewals(), expiries);
    // A renewal is due when a tenth of the lifetime is left: more often would be more than one an expiry.
    assert.ok(Date.now() - started >= expiries * lifetime * 900);
    assert.equal(tenant.counters()['token'], expiries + 1);
    assert.equal(visits(directory.path).length, 1);
  });
});
