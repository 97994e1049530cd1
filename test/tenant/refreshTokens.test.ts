import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createApplication, type Application } from './application.ts';
import { startTenant, type DemoTenant } from './tenant.ts';

describe('refresh tokens of the demo tenant with an overlap', () => {
  let tenant: DemoTenant;
  let application: Application;

  before(async () => {
    tenant = await startTenant({ refreshTokenOverlap: 2 });
    application = await createApplication(tenant);
  });
  after(() => tenant.close());

  const refused = { error: 'invalid_grant' };

  async function signIn(): Promise<string | undefined> {
    return (await (await application.signIn({ audience: tenant.audience })).redeem()).refresh_token;
  }

  async function renew(token: string | undefined): Promise<string | undefined> {
    return (await application.refresh(token)).refresh_token;
  }

  it('takes the last one again for that long, and gives another successor', async () => {
    const first = await signIn();
    const second = await renew(first);
    const another = await renew(first);
    assert.equal(new Set([first, second, another]).size, 3);
    assert.ok(await renew(another));
  });

  it('ends the family when one before the last is used, even within the overlap', async () => {
    const first = await signIn();
    const second = await renew(first);
    const third = await renew(second);
    await assert.rejects(renew(first), refused);
    await assert.rejects(renew(third), refused);
    await assert.rejects(renew(second), refused);
  });

  it('ends the family when the last one is used after the overlap', async () => {
    const first = await signIn();
    const second = await renew(first);
    await delay(2_100);
    await assert.rejects(renew(first), refused);
    await assert.rejects(renew(second), refused);
  });

  it('counts the overlap from the first use, so that using it again does not make it longer', async () => {
    const first = await signIn();
    await renew(first);
    await delay(1_300);
    await renew(first);
    await delay(1_300);
    await assert.rejects(renew(first), refused);
  });

  it('lets two that renew at once both go on', async () => {
    const first = await signIn();
    const both = await Promise.all([renew(first), renew(first)]);
    assert.notEqual(both[0], both[1]);
    for (const token of both) assert.ok(await renew(token));
  });
});
