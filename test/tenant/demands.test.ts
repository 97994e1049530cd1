import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { claimsOf, createApplication, errorOf, type Application } from './application.ts';
import { multiFactor } from './signInPolicy.ts';
import { stepUpChallenge } from './stepUp.ts';
import { audience, startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';

describe('the demo tenant that demands more', () => {
  let tenant: DemoTenant;
  let application: Application;

  async function start(options: TenantOptions): Promise<void> {
    tenant = await startTenant(options);
    application = await createApplication(tenant);
  }
  afterEach(() => tenant.close());

  describe('pushed authorization requests', () => {
    it('are not there where they are not offered', async () => {
      await start({});
      assert.equal(
        application.configuration.serverMetadata().pushed_authorization_request_endpoint,
        undefined,
      );
      assert.equal((await fetch(`${tenant.domain}/oauth/par`, { method: 'POST' })).status, 404);
    });

    it('work where they are offered, as plain ones do', async () => {
      await start({ pushedRequests: 'offered' });
      const metadata = application.configuration.serverMetadata();
      assert.equal(metadata.pushed_authorization_request_endpoint, `${tenant.domain}/oauth/par`);
      assert.ok(!metadata.require_pushed_authorization_requests);
      for (const pushed of [true, false]) {
        const signIn = await application.signIn({ audience: tenant.audience }, { pushed });
        const tokens = await signIn.redeem();
        assert.equal(claimsOf(tokens).aud, tenant.audience);
        assert.ok(tokens.refresh_token);
      }
      assert.equal(tenant.counts().pushedRequests, 1);
    });

    it('are all that a tenant takes that requires them', async () => {
      await start({ pushedRequests: 'required', organizations: [{ id: 'org_a', name: 'a', members: [] }] });
      assert.equal(application.configuration.serverMetadata().require_pushed_authorization_requests, true);
      const plain = await application.signIn({ audience: tenant.audience });
      assert.deepEqual(errorOf(plain), ['invalid_request', 'Pushed Authorization Request must be used']);
      const pushed = await application.signIn({ audience: tenant.audience }, { pushed: true });
      assert.equal(claimsOf(await pushed.redeem()).sub, 'auth0|ada');
    });

    it('are refused with Auth0’s words, and nobody is shown a page', async () => {
      await start({ pushedRequests: 'required', apis: [] });
      await assert.rejects(application.signIn({ audience: 'https://other.example/' }, { pushed: true }), {
        error: 'access_denied',
        error_description: 'Service not found: https://other.example/',
        status: 403,
      });
      assert.deepEqual(tenant.counts().pages, {});
    });
  });

  describe('step-up', () => {
    const demand = { acr: multiFactor };

    it('asks for a second factor once it is asked for, and says so in both tokens', async () => {
      await start({ secondFactor: true });
      const cookies = new Map<string, string>();
      const plain = await (await application.signIn({ audience: tenant.audience }, { cookies })).redeem();
      assert.equal(claimsOf(plain)['acr'], undefined);
      const answer = stepUpChallenge(claimsOf(plain), demand);
      assert.equal(answer?.status, 401);
      assert.match(
        answer?.headers['www-authenticate'] ?? '',
        /^Bearer error="insufficient_user_authentication"/,
      );
      assert.ok(answer?.headers['www-authenticate'].includes(`acr_values="${multiFactor}"`));

      const request = { audience: tenant.audience, acr_values: multiFactor };
      const tokens = await (await application.signIn(request, { cookies })).redeem();
      assert.equal(claimsOf(tokens)['acr'], multiFactor);
      assert.deepEqual(claimsOf(tokens)['amr'], ['mfa']);
      assert.equal(tokens.claims()?.acr, multiFactor);
      assert.deepEqual(tokens.claims()?.amr, ['mfa']);
      assert.equal(stepUpChallenge(claimsOf(tokens), demand), undefined);
      assert.deepEqual(tenant.counts().pages, { login: 1, 'second-factor': 1 });

      const renewed = await application.refresh(tokens.refresh_token);
      assert.equal(claimsOf(renewed)['acr'], multiFactor);
      assert.equal(claimsOf(renewed)['auth_time'], claimsOf(tokens)['auth_time']);
    });

    it('asks who it is and for the second factor, one after the other', async () => {
      await start({ secondFactor: true });
      const request = { audience: tenant.audience, acr_values: multiFactor, prompt: 'login' };
      const tokens = await (await application.signIn(request)).redeem();
      assert.equal(claimsOf(tokens)['acr'], multiFactor);
      assert.deepEqual(tenant.counts().pages, { login: 1, 'second-factor': 1 });
    });

    it('can be turned down', async () => {
      await start({ secondFactor: true });
      const cookies = new Map<string, string>();
      await application.signIn({ audience: tenant.audience }, { cookies });
      const request = { audience: tenant.audience, acr_values: multiFactor };
      const signIn = await application.signIn(request, { cookies, person: 'cancel' });
      assert.equal(errorOf(signIn)[0], 'access_denied');
    });

    it('asks again after max_age, and an API can ask for that', async () => {
      await start({ secondFactor: true });
      const cookies = new Map<string, string>();
      const request = { audience: tenant.audience, max_age: '1' };
      const first = await (await application.signIn(request, { cookies })).redeem();
      assert.equal(stepUpChallenge(claimsOf(first), { maxAge: 300 }), undefined);
      await delay(2_100);
      const answer = stepUpChallenge(claimsOf(first), { maxAge: 1 });
      assert.match(answer?.headers['www-authenticate'] ?? '', /max_age="1"$/);
      const second = await (await application.signIn(request, { cookies })).redeem();
      assert.ok(Number(second.claims()?.auth_time) > Number(first.claims()?.auth_time));
      assert.deepEqual(tenant.counts().pages, { login: 2 });
    });

    it('is ignored by a tenant that has no second factor', async () => {
      await start({});
      const request = { audience: tenant.audience, acr_values: multiFactor };
      const tokens = await (await application.signIn(request)).redeem();
      assert.equal(tokens.claims()?.acr, undefined);
      assert.deepEqual(tenant.counts().pages, { login: 1 });
    });
  });

  describe('a strict third-party client', () => {
    const notes = { identifier: 'https://notes.example/mcp', scopes: ['notes:read', 'notes:write'] };
    const thirdParty = { grants: [{ audience: notes.identifier, scopes: ['notes:read'] }] };
    const scope = 'openid profile email offline_access notes:read notes:write';

    it('gets no device code', async () => {
      await start({ apis: [notes], thirdParty });
      const answer = await fetch(`${tenant.domain}/oauth/device/code`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: tenant.clientId, audience: notes.identifier, scope }),
      });
      assert.equal(answer.status, 403);
      assert.deepEqual(await answer.json(), {
        error: 'unauthorized_client',
        error_description:
          "Grant type 'urn:ietf:params:oauth:grant-type:device_code' not allowed for the client.",
        error_uri: 'https://auth0.com/docs/clients/client-grant-types',
      });
    });

    it('gets the scopes of its client grant, and no ID token', async () => {
      await start({ apis: [notes], thirdParty });
      const tokens = await (await application.signIn({ audience: notes.identifier, scope })).redeem();
      assert.equal(tokens.id_token, undefined);
      assert.ok(tokens.refresh_token);
      assert.deepEqual([claimsOf(tokens).aud, tokens.scope], [notes.identifier, 'offline_access notes:read']);
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      assert.equal((await fetch(`${tenant.domain}/userinfo`, { headers })).status, 401);
    });

    it('gets no multi-resource refresh token', async () => {
      await start({ apis: [notes], thirdParty, mrrt: [{ audience, scopes: ['read:todos'] }] });
      const tokens = await (await application.signIn({ audience: notes.identifier, scope })).redeem();
      const renewed = await application.refresh(tokens.refresh_token, { audience });
      assert.equal(claimsOf(renewed).aud, notes.identifier);
    });

    it('is refused an API that it has no client grant for', async () => {
      await start({ apis: [notes], thirdParty });
      assert.deepEqual(errorOf(await application.signIn({ audience: tenant.audience, scope })), [
        'unauthorized_client',
        `Client is not authorized to access resource server "${tenant.audience}".`,
      ]);
    });

    it('is refused openid by a tenant that refuses it', async () => {
      await start({ apis: [notes], thirdParty: { ...thirdParty, identityScopes: 'refused' } });
      const refused = await application.signIn({ audience: notes.identifier, scope });
      assert.deepEqual(errorOf(refused), [
        'invalid_scope',
        'openid is not supported for third-party clients',
      ]);
      const without = { audience: notes.identifier, scope: 'offline_access notes:read' };
      assert.equal((await (await application.signIn(without)).redeem()).scope, 'offline_access notes:read');
    });

    it('may send no screen_hint, invitation or organization that does not let it in', async () => {
      const organizations = [
        { id: 'org_closed', name: 'closed', members: ['auth0|ada'] },
        { id: 'org_open', name: 'open', members: ['auth0|ada'], allowsThirdParties: true },
      ];
      await start({ apis: [notes], thirdParty, organizations });
      const request = { audience: notes.identifier, scope };
      for (const [parameters, description] of [
        [{ screen_hint: 'signup' }, 'parameter screen_hint is not supported for third-party clients'],
        [{ invitation: 'x' }, 'parameter invitation is not supported for third-party clients'],
        [{ organization: 'org_closed' }, 'parameter organization is invalid: org_closed'],
      ] as const) {
        const refused = await application.signIn({ ...request, ...parameters });
        assert.deepEqual(errorOf(refused), ['invalid_request', description]);
      }
      const tokens = await (await application.signIn({ ...request, organization: 'org_open' })).redeem();
      assert.equal(claimsOf(tokens)['org_id'], 'org_open');
    });

    it('cannot log the browser out', async () => {
      await start({ apis: [notes], thirdParty });
      for (const path of ['/v2/logout', '/oidc/logout']) {
        assert.equal((await fetch(tenant.domain + path)).status, 400);
      }
    });
  });
});
