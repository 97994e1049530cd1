import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { decodeJwt } from 'jose';
import { parseSession } from '../../src/sessions/parseSession.ts';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { tenantControl, type TenantControl } from '../tenant/control.ts';
import { call, serve, visits, type Served, type Surroundings } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

const minutes = 60_000;
const tenantFolder = join(import.meta.dirname, '..', 'tenant');
const shiftedClock = pathToFileURL(join(tenantFolder, 'shiftedClock.ts')).href;

for (const [name, shift] of [
  ['ahead of', 5 * minutes],
  ['behind', -5 * minutes],
] as const) {
  describeNeeds(['a POSIX system'], `a tenant whose clock is five minutes ${name} ours`, () => {
    let child: ChildProcess;
    let tenant: Surroundings['tenant'];
    let control: TenantControl;
    let directory: ReturnType<typeof temporaryDirectory>;
    let running: Served[] = [];

    before(async () => {
      child = fork(join(tenantFolder, 'main.ts'), {
        env: { ...process.env, PORT: '0', TENANT_CLOCK_SHIFT: String(shift) },
        execArgv: ['--import', shiftedClock],
        silent: true,
      });
      [tenant] = (await once(child, 'message')) as [Surroundings['tenant']];
      control = tenantControl(tenant.domain);
    });
    after(() => {
      child.kill();
    });
    beforeEach(async () => {
      directory = temporaryDirectory();
      await control.resetCounters();
    });
    afterEach(async () => {
      await Promise.all(running.map(({ client }) => client.close()));
      running = [];
      directory.remove();
    });

    async function start(): Promise<Served> {
      const served = await serve({ tenant, directory: directory.path });
      running.push(served);
      return served;
    }
    async function answers({ client }: Served): Promise<void> {
      const { result, error } = await call(client, 'whoami');
      assert.equal(result?.['email'] ?? error, 'ada@example.com');
    }

    /** By how much (ms) the tenant's clock was ahead of ours when it issued the stored token. */
    function measuredShift(): number {
      const sessions = join(directory.path, 'data', 'sessions');
      const [file = ''] = readdirSync(sessions);
      const session = parseSession(readFileSync(join(sessions, file), 'utf8'))!;
      return decodeJwt(session.accessToken).iat! * 1000 - (session.expiresAt - session.lifetime);
    }

    for (const lifetime of [3_600, 200]) {
      it(`costs one sign-in and no renewal with a token of ${String(lifetime)} s`, async () => {
        await control.setTokenLifetime(lifetime);
        const first = await start();
        for (let count = 0; count < 5; count++) await answers(first);
        assert.ok(Math.abs(measuredShift() - shift) < minutes);
        await answers(await start());
        assert.equal(visits(directory.path).length, 1);
        assert.equal((await control.counters())['token'], 1);
      });
    }

    it('costs one renewal an expiry, and no question, with a token of 3 s', async () => {
      await control.setTokenLifetime(3);
      const servers = [await start(), await start()];
      const started = Date.now();
      await answers(servers[0]!);
      let counters: Record<string, number> = {};
      let renewals = 0;
      while (renewals < 3) {
        await Promise.all(servers.map(answers));
        await delay(50);
        counters = await control.counters();
        renewals = counters['token:refresh_token'] ?? 0;
      }
      // Due when a tenth of the lifetime is left: more renewals than that would not take so long.
      assert.ok(Date.now() - started >= renewals * 2_700);
      assert.equal(visits(directory.path).length, 1);
      assert.equal(counters['token'], renewals + 1);
    });
  });
}
