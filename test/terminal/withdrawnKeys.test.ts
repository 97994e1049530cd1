import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { useDirectory } from '../auth/fixtures.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { call, serve, type Served } from './fixtures.ts';
import { describeNeeds } from '../needs.ts';

const minute = 60_000;
const clock = pathToFileURL(join(import.meta.dirname, 'leapingClock.ts')).href;

describeNeeds(
  ['a POSIX system'],
  'a server that goes on running after the tenant has withdrawn a signing key',
  () => {
    const directory = useDirectory();
    let tenant: DemoTenant;
    let running: Served[] = [];

    beforeEach(async () => {
      tenant = await startTenant({ tokenLifetime: 86_400 });
    });
    afterEach(async () => {
      await Promise.all(running.map(({ client }) => client.close()));
      running = [];
      await tenant.close();
    });

    /** A server whose token lives for a day, and that has answered a call. */
    async function start() {
      const file = join(directory.path, 'clock');
      const ahead = (minutes: number) => {
        writeFileSync(file, String(minutes * minute));
      };
      ahead(0);
      const served = await serve({
        tenant,
        directory: directory.path,
        env: { NODE_OPTIONS: `--import ${clock}`, CLOCK_AHEAD_FILE: file },
      });
      running.push(served);
      const who = async () => {
        const { result, error } = await call(served.client, 'whoami');
        return (result?.['email'] ?? error) as string;
      };
      assert.equal(await who(), tenant.user.email);
      return { ahead, who };
    }

    it('[T12] answers no call with its old token an hour later', async () => {
      const { ahead, who } = await start();
      tenant.rotateKeys();
      tenant.withdrawKeys();
      ahead(60);
      assert.match(await who(), /not signed by a key of/);
    });

    it('[T12] answers on while the tenant is down, for less than an hour, and then says what it cannot check', async () => {
      const { ahead, who } = await start();
      tenant.setMode('down');
      for (const minutes of [15, 59]) {
        ahead(minutes);
        assert.equal(await who(), tenant.user.email);
      }
      ahead(60);
      assert.match(await who(), /keys of .* could not be fetched/);
      tenant.setMode('normal');
      assert.equal(await who(), tenant.user.email);
    });
  },
);
