import assert from 'node:assert/strict';
import { claimsOf, createApplication, errorOf, type Application } from './application.ts';
import { startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';

const notes = {
  identifier: 'https://notes.example/mcp',
  scopes: ['notes:read', 'notes:write'],
  lifetime: 60,
};
const bank = { identifier: 'bank', scopes: ['pay'] };
const everything = 'openid offline_access notes:read notes:write pay read:todos';

describe('the demo tenant with several APIs', () => {
  let tenant: DemoTenant;
  let application: Application;

  async function start(options: TenantOptions): Promise<void> {
    tenant = await startTenant(options);
    application = await createApplication(tenant);
  }
  afterEach(() => tenant.close());

  async function signIn(parameters: Record<string, string>) {
    return (await application.signIn({ scope: everything, ...parameters })).redeem();
  }

  it('gives a token for the API that is asked for, with that API’s scopes and lifetime', async () => {
    await start({ apis: [notes, bank] });
    const tokens = await signIn({ audience: notes.identifier });
    const claims = claimsOf(tokens);
    assert.deepEqual(claims.aud, [notes.identifier, `${tenant.issuer}userinfo`]);
    assert.equal(claims['scope'], 'openid offline_access notes:read notes:write');
    assert.equal(Number(claims.exp) - Number(claims.iat), 60);
    assert.equal(tokens.expires_in, 60);
    const forBank = claimsOf(await signIn({ audience: 'bank', scope: 'pay notes:read' }));
    assert.deepEqual([forBank.aud, forBank['scope']], ['bank', 'pay']);
  });

  it('reads audience where resource names another API', async () => {
    await start({ apis: [notes, bank] });
    const tokens = await signIn({ audience: 'bank', resource: notes.identifier, scope: 'pay' });
    assert.equal(claimsOf(tokens).aud, 'bank');
  });

  it('calls an API that is not registered a service that is not found', async () => {
    await start({ apis: [notes] });
    for (const audience of ['https://other.example/', 'other']) {
      assert.deepEqual(errorOf(await application.signIn({ audience })), [
        'access_denied',
        `Service not found: ${audience}`,
      ]);
    }
    const device = await fetch(`${tenant.domain}/oauth/device/code`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: tenant.clientId, audience: 'https://other.example/' }),
    });
    assert.equal(device.status, 403);
    assert.deepEqual(await device.json(), {
      error: 'access_denied',
      error_description: 'Service not found: https://other.example/',
    });
  });

  it('gives the default audience to a sign-in that names none', async () => {
    await start({ apis: [notes], defaultAudience: notes.identifier });
    assert.deepEqual(claimsOf(await signIn({ scope: 'openid notes:read' })).aud, [
      notes.identifier,
      `${tenant.issuer}userinfo`,
    ]);
  });

  it('renews for the audience of the sign-in where the client has no multi-resource policy', async () => {
    await start({ apis: [notes, bank] });
    const first = await signIn({ audience: notes.identifier });
    const second = await application.refresh(first.refresh_token, { audience: 'bank', scope: 'pay' });
    assert.deepEqual(claimsOf(second).aud, [notes.identifier, `${tenant.issuer}userinfo`]);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.deepEqual(tenant.counts().refreshes, { [notes.identifier]: 1 });
  });

  it('renews for each API that a multi-resource policy allows, with the scopes of the policy', async () => {
    await start({
      apis: [notes, bank],
      mrrt: [
        { audience: notes.identifier, scopes: ['notes:read'] },
        { audience: 'bank', scopes: ['pay', 'not:defined'] },
      ],
    });
    const first = await signIn({ audience: tenant.audience, scope: 'openid offline_access read:todos' });
    const forNotes = await application.refresh(first.refresh_token, {
      audience: notes.identifier,
      scope: 'notes:read notes:write read:todos',
    });
    assert.deepEqual([claimsOf(forNotes).aud, forNotes.scope], [notes.identifier, 'notes:read']);
    assert.equal(forNotes.expires_in, 60);
    const forBank = await application.refresh(forNotes.refresh_token, { audience: 'bank', scope: 'pay' });
    assert.deepEqual([claimsOf(forBank).aud, forBank.scope], ['bank', 'pay']);
    assert.equal(forBank.expires_in, 3_600);
    const asBefore = await application.refresh(forBank.refresh_token);
    assert.deepEqual(claimsOf(asBefore).aud, [tenant.audience, `${tenant.issuer}userinfo`]);
    assert.equal(asBefore.scope, 'openid offline_access read:todos');
    assert.deepEqual(tenant.counts().refreshes, { [notes.identifier]: 1, bank: 1, [tenant.audience]: 1 });
  });

  it('ignores an audience outside the multi-resource policy, and answers with that of the sign-in', async () => {
    await start({ apis: [notes, bank], mrrt: [{ audience: notes.identifier, scopes: ['notes:read'] }] });
    const first = await signIn({ audience: tenant.audience, scope: 'openid offline_access read:todos' });
    for (const audience of ['bank', 'https://nowhere.example/']) {
      const { refresh_token } = await signIn({ audience: tenant.audience });
      const answer = await application.refresh(refresh_token, { audience, scope: 'pay' });
      assert.deepEqual(claimsOf(answer).aud, [tenant.audience, `${tenant.issuer}userinfo`]);
    }
    const less = await application.refresh(first.refresh_token, { scope: 'read:todos' });
    assert.deepEqual([claimsOf(less).aud, less.scope], [tenant.audience, 'read:todos']);
  });
});
