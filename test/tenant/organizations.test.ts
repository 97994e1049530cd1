import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { claimsOf, createApplication, errorOf, type Application } from './application.ts';
import { signInByForm } from './browserless.ts';
import { tenantControl } from './control.ts';
import { multiFactor } from './signInPolicy.ts';
import { startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';

const acme = { id: 'org_acme', name: 'acme', members: ['auth0|ada'] };
const other = { id: 'org_other', name: 'other', members: [] };
const bob = { sub: 'auth0|bob', email: 'bob@example.com', name: 'Bob', password: 'a long password' };

describe('the demo tenant with organizations', () => {
  let tenant: DemoTenant;
  let application: Application;

  async function start(options: TenantOptions = {}): Promise<void> {
    tenant = await startTenant({ organizations: [acme, other], accounts: [bob], ...options });
    application = await createApplication(tenant);
  }
  afterEach(() => tenant.close());

  /** What an application sends on of an invitation link. */
  function invitationOf(link: string): Record<string, string> {
    const { searchParams } = new URL(link);
    return {
      audience: tenant.audience,
      invitation: searchParams.get('invitation') ?? '',
      organization: searchParams.get('organization') ?? '',
    };
  }

  it('puts the organization of a sign-in into both tokens, and keeps it at renewals', async () => {
    await start();
    const signIn = await application.signIn({ audience: tenant.audience, organization: acme.id });
    const tokens = await signIn.redeem();
    assert.equal(claimsOf(tokens)['org_id'], acme.id);
    assert.equal(tokens.claims()?.['org_id'], acme.id);
    assert.ok(!('org_name' in claimsOf(tokens)));
    const renewed = await application.refresh(tokens.refresh_token);
    assert.equal(claimsOf(renewed)['org_id'], acme.id);
    assert.equal(decodeJwt(renewed.id_token ?? '')['org_id'], acme.id);
    const without = await (await application.signIn({ audience: tenant.audience })).redeem();
    assert.ok(!('org_id' in claimsOf(without)));
  });

  it('takes an organization’s name, and says it, only where the tenant is set to', async () => {
    await start();
    const request = { audience: tenant.audience, organization: 'Acme' };
    assert.deepEqual(errorOf(await application.signIn(request)), [
      'invalid_request',
      'parameter organization is invalid: Acme',
    ]);
    await tenant.close();
    await start({ organizationNames: true });
    const tokens = await (await application.signIn(request)).redeem();
    assert.deepEqual([claimsOf(tokens)['org_id'], claimsOf(tokens)['org_name']], ['org_acme', 'acme']);
    assert.equal(tokens.claims()?.['org_name'], 'acme');
  });

  it('refuses who is no member, at the callback', async () => {
    await start();
    const request = { audience: tenant.audience, organization: other.id };
    assert.deepEqual(errorOf(await application.signIn(request)), [
      'access_denied',
      'user auth0|ada is not part of the org_other organization',
    ]);
  });

  it('refuses an unknown organization before anybody is shown a page, and none where one is required', async () => {
    await start({ organizationRequired: true });
    assert.deepEqual(errorOf(await application.signIn({ organization: 'org_nowhere' })), [
      'invalid_request',
      'parameter organization is invalid: org_nowhere',
    ]);
    assert.deepEqual(errorOf(await application.signIn()), [
      'invalid_request',
      'parameter organization is required for this client',
    ]);
    assert.deepEqual(tenant.counts().pages, {});
  });

  it('makes a member of whoever accepts an invitation, once', async () => {
    await start();
    const link = await tenantControl(tenant.domain).invite(other.id, {
      loginUri: 'https://app.example/start',
    });
    assert.match(
      link,
      /^https:\/\/app\.example\/start\?invitation=\w{32}&organization=org_other&organization_name=other$/,
    );
    const tokens = await (await application.signIn(invitationOf(link))).redeem();
    assert.equal(claimsOf(tokens)['org_id'], other.id);
    assert.deepEqual(errorOf(await application.signIn(invitationOf(link))), [
      'invalid_request',
      'invitation not found or already used',
    ]);
    const member = await application.signIn({ audience: tenant.audience, organization: other.id });
    assert.equal(claimsOf(await member.redeem())['org_id'], other.id);
    assert.equal(tenant.counts().acceptedInvitations, 1);
  });

  it('takes no invitation that is over, of another organization, or without one', async () => {
    await start();
    const over = invitationOf(tenant.invite(other.id, { lifetime: 0 }));
    const open = invitationOf(tenant.invite(other.id));
    for (const request of [over, { ...open, organization: acme.id }]) {
      assert.deepEqual(errorOf(await application.signIn(request)), [
        'invalid_request',
        'invitation not found or already used',
      ]);
    }
    const { invitation = '' } = open;
    assert.equal(errorOf(await application.signIn({ invitation }))[0], 'invalid_request');
    assert.throws(() => tenant.invite('org_nowhere'), /no organization org_nowhere/);
  });

  it('lets nobody but the invited address accept, and uses the invitation up', async () => {
    await start();
    const request = invitationOf(tenant.invite(other.id, { email: bob.email }));
    assert.deepEqual(errorOf(await application.signIn(request)), [
      'access_denied',
      'the specified account is not allowed to accept the current invitation',
    ]);
    assert.equal(errorOf(await application.signIn(request, { person: bob }))[0], 'invalid_request');
    const again = invitationOf(tenant.invite(other.id, { email: bob.email }));
    const tokens = await (await application.signIn(again, { person: bob })).redeem();
    assert.deepEqual([claimsOf(tokens).sub, claimsOf(tokens)['org_id']], [bob.sub, other.id]);
  });

  it('reads no organization and no second factor in a request for a device code, as Auth0', async () => {
    await start({ secondFactor: true });
    const { configuration } = application;
    const device = await client.initiateDeviceAuthorization(configuration, {
      scope: 'openid',
      audience: tenant.audience,
      organization: other.id,
      acr_values: multiFactor,
    });
    await signInByForm(device.verification_uri_complete ?? '');
    const tokens = await client.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 1 });
    assert.deepEqual([claimsOf(tokens)['org_id'], claimsOf(tokens)['acr']], [undefined, undefined]);
    assert.equal(claimsOf(tokens).aud, tenant.audience);
  });

  it('shows an invited person that it does not know the page to sign up', async () => {
    await start();
    const request = invitationOf(tenant.invite(other.id, { email: 'new@example.com' }));
    const signUp = { name: 'New', email: 'new@example.com', password: 'a long password' };
    const tokens = await (await application.signIn(request, { person: { signUp } })).redeem();
    assert.equal(tokens.claims()?.['email'], signUp.email);
    assert.deepEqual(tenant.counts().pages, { signup: 1 });
  });
});
