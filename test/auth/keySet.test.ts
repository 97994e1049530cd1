import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { mock } from 'node:test';
import { createVerifier } from '../../src/auth/verify.ts';
import { createGate } from '../../src/server/gate.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { failsWith } from './fixtures.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

describe('the keys of a tenant', () => {
  let tenant: DemoTenant;

  beforeEach(async () => {
    tenant = await startTenant({ tokenLifetime: day / 1000 });
  });
  afterEach(async () => {
    mock.timers.reset();
    await tenant.close();
  });

  /** Sets the clock that far ahead of now. */
  function at(minutes: number): void {
    mock.timers.reset();
    mock.timers.enable({ apis: ['Date'], now: Date.now() + minutes * minute });
  }
  /** Waits until the tenant was asked for its keys so many times, and what it answered has arrived. */
  async function asked(times: number): Promise<void> {
    while ((tenant.counters()['jwks'] ?? 0) < times) await delay(5);
    await delay(100);
  }
  const gateOf = (token: string) => {
    const verify = createVerifier(tenant);
    return createGate({ tokenSource: { getToken: () => Promise.resolve({ accessToken: token }) }, verify });
  };

  for (const [whose, checkOf] of [
    ['the check', (token: string) => createVerifier(tenant).bind(undefined, token)],
    [
      'the gate, which has let the same token through before',
      (token: string) => gateOf(token).bind(undefined, {}),
    ],
  ] as const) {
    it(`[T12] no longer count for ${whose} an hour after the tenant withdrew them`, async () => {
      const check = checkOf(await tenant.sign({}));
      await check();
      tenant.rotateKeys();
      tenant.withdrawKeys();
      at(60);
      await failsWith(check(), 'invalid_token', /not signed by a key/);
    });

    it(`[T12] no longer count for ${whose} much sooner where it is in use`, async () => {
      const check = checkOf(await tenant.sign({}));
      await check();
      tenant.rotateKeys();
      tenant.withdrawKeys();
      at(11);
      await check();
      await asked(2);
      at(22);
      await failsWith(check(), 'invalid_token', /not signed by a key/);
    });

    it(`[T12] that were old when ${whose} last used them do not count for another hour`, async () => {
      const check = checkOf(await tenant.sign({}));
      await check();
      tenant.rotateKeys();
      tenant.withdrawKeys();
      tenant.setMode('down');
      for (const minutes of [15, 30, 45, 59]) {
        at(minutes);
        await check();
      }
      at(60);
      await failsWith(check(), 'tenant_unreachable', /keys of .* could not be fetched/);
      tenant.setMode('normal');
      await failsWith(check(), 'invalid_token', /not signed by a key/);
    });

    it(`[T12] go on counting for ${whose} while the tenant is down, slow, or garbage, for less than an hour`, async () => {
      const check = checkOf(await tenant.sign({}));
      await check();
      for (const [minutes, mode] of [
        [11, 'down'],
        [20, 'garbage'],
        [35, 'slow'],
        [59, 'down'],
      ] as const) {
        tenant.setMode(mode, 60_000);
        at(minutes);
        await check();
      }
    });

    it(`[T12] are fetched again for ${whose} where the clock was set back since`, async () => {
      at(600);
      const check = checkOf(await tenant.sign({ exp: Math.floor(Date.now() / 1000) + 86_400, iat: 0 }));
      await check();
      tenant.rotateKeys();
      tenant.withdrawKeys();
      at(0);
      await failsWith(check(), 'invalid_token', /not signed by a key/);
    });
  }

  it('[T12] are asked for once in ten minutes of use, and once a minute while the tenant is down', async () => {
    const verify = createVerifier(tenant);
    const token = await tenant.sign({});
    for (let minutes = 0; minutes <= 30; minutes += 0.5) {
      at(minutes);
      await verify(token);
      await delay(5);
    }
    assert.ok((tenant.counters()['jwks'] ?? 0) <= 4);
    tenant.setMode('down');
    tenant.resetCounters();
    for (let minutes = 41; minutes < 51; minutes += 0.25) {
      at(minutes);
      await verify(token);
      await delay(5);
    }
    const count = tenant.counters()['jwks'] ?? 0;
    assert.ok(count > 2 && count <= 11, String(count));
  });

  it('are counted each time they are asked for, whether or not they come', async () => {
    const fetches: boolean[] = [];
    const verify = createVerifier(tenant, { onKeyFetch: isDone => fetches.push(isDone) });
    const token = await tenant.sign({});
    await verify(token);
    await verify(token);
    assert.deepEqual(fetches, [true]);
    tenant.setMode('down');
    at(61);
    await assert.rejects(verify(token));
    assert.equal(fetches[1], false);
  });
});
