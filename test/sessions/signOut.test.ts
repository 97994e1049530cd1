import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceCodeFlow } from '../../src/auth/flows/deviceCode.ts';
import { loopbackFlow } from '../../src/auth/flows/loopback.ts';
import { keyOf } from '../../src/sessions/session.ts';
import { callbackPort } from '../tenant/callbackPort.ts';
import { useUser } from '../tenant/useTenant.ts';
import { testAuthenticator } from '../auth/fixtures.ts';

describe('a sign-out', () => {
  const given = useUser();
  const sessions = () => join(given.directory, 'sessions');
  const files = () => readdirSync(sessions());
  beforeEach(() => given.tenant.revokeSessions());

  it('[T10] leaves no refresh token alive at the tenant, not those of sign-ins that were replaced either', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    await authenticator.ensure();
    const { accessToken: rejected } = await authenticator.signIn();
    await authenticator.ensure({ rejected });
    const { id } = await authenticator.ensure({ scopes: ['read:todos'] });
    assert.equal(await given.tenant.liveSessions(), 3);
    const done = await authenticator.signOut(id);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.deepEqual(files(), []);
    assert.equal(done?.label, given.tenant.user.email);
    assert.equal(done.untold, undefined);
  });

  it('[T10] leaves no refresh token alive where the answer of a renewal was lost', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    const { id, accessToken } = await authenticator.ensure();
    given.tenant.dropNextTokenAnswer();
    await assert.rejects(authenticator.ensure({ rejected: accessToken }));
    await authenticator.signOut(id);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.deepEqual(files(), []);
  });

  for (const flow of [loopbackFlow({ port: callbackPort }), deviceCodeFlow]) {
    it(`[T10] leaves no refresh token alive where the answer of a sign-in was lost (${flow.name})`, async () => {
      const { authenticator } = testAuthenticator(given.tenant, given.directory, { flows: [flow] });
      given.tenant.dropNextTokenAnswer();
      // The person has signed in when the code is redeemed.
      await authenticator.ensure().catch(() => undefined);
      const { id } = await authenticator.ensure();
      await authenticator.signOut(id);
      assert.equal(await given.tenant.liveSessions(), 0);
    });
  }

  it('[T10] leaves no older refresh token alive where the tenant ended the session', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    await authenticator.ensure();
    const { accessToken } = await authenticator.signIn();
    given.tenant.dropNextTokenAnswer();
    await assert.rejects(authenticator.ensure({ rejected: accessToken }));
    const again = await authenticator.ensure({ rejected: accessToken });
    await authenticator.signOut(again.id);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.deepEqual(files(), []);
  });

  it('[T10] reaches what was replaced also where nobody is signed in any more', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    await authenticator.ensure();
    const { accessToken } = await authenticator.signIn();
    given.tenant.dropNextTokenAnswer();
    await assert.rejects(authenticator.ensure({ rejected: accessToken }));
    assert.equal(await authenticator.silent({ rejected: accessToken }), undefined);
    assert.deepEqual(await authenticator.list(), []);
    assert.equal(await given.tenant.liveSessions(), 1);
    assert.ok(!readFileSync(join(sessions(), files()[0]!), 'utf8').includes(accessToken));
    for (const { key } of await authenticator.entries()) await authenticator.signOutEntry(key);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.deepEqual(files(), []);
  });

  it('[T10] removes what is set aside, damaged or left by a killed writer, and tells the tenant what it can read of it', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    const other = await authenticator.ensure();
    const name = files()[0]!;
    const text = readFileSync(join(sessions(), name), 'utf8');
    const { id } = await authenticator.signIn();
    const put = (ending: string, what: string) => {
      writeFileSync(join(sessions(), keyOf(other) + ending), what);
    };
    put('.json.corrupt', text.replace('"version":1', '"version":2'));
    put('.json.1234567890', text);
    put('.sealed', 'sealed with a key that is gone');
    put('.v9.json', text.slice(0, 100));
    const done = await authenticator.signOut(id);
    assert.deepEqual(files(), []);
    assert.equal(await given.tenant.liveSessions(), 0);
    assert.match(done?.untold ?? '', /could not be told.*could not all be read \(2\)/);
  });

  it('[T10] says where the tenant could not be told, and until when an access token counts', async () => {
    const { authenticator, log } = testAuthenticator(given.tenant, given.directory);
    const { id, expiresAt } = await authenticator.ensure();
    given.tenant.setMode('down');
    const done = await authenticator.signOut(id);
    assert.deepEqual(files(), []);
    assert.match(done?.untold ?? '', /The tenant could not be told.*could not be reached.*may go on/);
    assert.ok(log.lines.includes(done?.untold ?? '?'));
    assert.equal(done?.accessTokenEnds, expiresAt);
  });
});
