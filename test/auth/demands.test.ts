import assert from 'node:assert/strict';
import type { JWTPayload } from 'jose';
import { beginAuthorization, type AuthorizationOptions } from '../../src/auth/authorizationRequest.ts';
import { checkCallback } from '../../src/auth/callbackCheck.ts';
import { checkDeviceCode } from '../../src/auth/deviceCodeCheck.ts';
import { deviceCodeFlow } from '../../src/auth/flows/deviceCode.ts';
import type { Grant } from '../../src/auth/flows/flow.ts';
import { parseInvitation } from '../../src/auth/invitation.ts';
import { refresh } from '../../src/auth/refresh.ts';
import { defaultScopes } from '../../src/auth/tenant.ts';
import { createVerifier } from '../../src/auth/verify.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { multiFactor } from '../tenant/signInPolicy.ts';
import { startTenant, type DemoTenant, type TenantOptions } from '../tenant/tenant.ts';
import { failsWith, memoryLog } from './fixtures.ts';

const redirectUri = 'vscode://omnispindle.omnispindle/callback';
const notes = { identifier: 'https://notes.example/mcp', scopes: ['notes:read'] };
const acme = { id: 'org_acme', name: 'acme', members: ['auth0|ada'] };

describe('what a tenant demands', () => {
  let tenant: DemoTenant;

  async function start(options: TenantOptions = {}): Promise<void> {
    tenant = await startTenant(options);
  }
  afterEach(() => tenant.close());

  const begin = (options: Partial<AuthorizationOptions> = {}) =>
    beginAuthorization(tenant, { redirectUri, scopes: defaultScopes, hints: {}, ...options });
  async function signIn(options: Partial<AuthorizationOptions> = {}): Promise<Grant> {
    const request = await begin(options);
    const { url } = await signInByForm(request.url);
    return request.redeem(new URL(url).searchParams);
  }

  describe('of the request', () => {
    it('pushed, it is in no address', async () => {
      await start({ pushedRequests: 'required' });
      const request = await begin({ hints: { loginHint: 'ada@example.com' } });
      assert.deepEqual([...new URL(request.url).searchParams.keys()].toSorted(), [
        'client_id',
        'request_uri',
      ]);
      assert.equal((await signIn()).account.id, 'auth0|ada');
      assert.equal(tenant.counts().pushedRequests, 2);
      await checkCallback(tenant, redirectUri);
    });

    it('pushed, it is refused in words for people', async () => {
      await start({ pushedRequests: 'required', apis: [] });
      const elsewhere = 'vscode://another.extension/callback';
      await failsWith(begin({ redirectUri: elsewhere }), 'callback_mismatch', /another\.extension/);
      await failsWith(begin({ audience: 'https://other.example' }), 'invalid_settings', /knows no API/);
    });

    it('is not pushed where the tenant only offers that', async () => {
      await start({ pushedRequests: 'offered' });
      assert.ok(new URL((await begin()).url).searchParams.has('state'));
      assert.equal(tenant.counts().pushedRequests, 0);
    });

    it('is a stronger or newer sign-in', async () => {
      await start({ secondFactor: true });
      await signIn({ hints: { acrValues: multiFactor, maxAge: 300 } });
      assert.deepEqual(tenant.counts().pages, { login: 1, 'second-factor': 1 });
    });
  });

  describe('of the client', () => {
    const scopes = [...defaultScopes, ...notes.scopes];
    for (const identityScopes of ['ignored', 'refused'] as const) {
      it(`is named where a third party may not learn who signs in (${identityScopes})`, async () => {
        const grants = [{ audience: notes.identifier, scopes: notes.scopes }];
        await start({ apis: [notes], thirdParty: { grants, identityScopes } });
        await failsWith(
          signIn({ audience: notes.identifier, scopes }),
          'invalid_settings',
          /third party’s in strict mode.*make it a first-party application/,
        );
      });
    }

    it('is named where a third party gets no code', async () => {
      await start({ apis: [notes], thirdParty: { grants: [{ audience: notes.identifier, scopes: [] }] } });
      const ui = { openBrowser: () => Promise.resolve(false), showDeviceCode: () => Promise.resolve() };
      const { signal } = new AbortController();
      const request = { tenant, audience: notes.identifier, scopes, hints: {}, ui, log: memoryLog(), signal };
      await failsWith(deviceCodeFlow.run(request), 'invalid_settings', /Grant Types > Device Code/);
    });

    it('is named where tokens are bound to a key (DPoP)', async () => {
      await start();
      const body = { error: 'invalid_dpop_proof', error_description: 'DPoP proof is required' };
      tenant.answerTokenRequests([
        { status: 400, body },
        { status: 400, body },
      ]);
      const demand = /demands tokens bound to a key \(DPoP\).*not support yet.*Sender-Constraining/;
      await failsWith(signIn(), 'invalid_settings', demand);
      await failsWith(refresh(tenant, 'a refresh token'), 'invalid_settings', demand);
    });

    it('is found before anybody signs in: no code for a third party', async () => {
      const grants = [{ audience: notes.identifier, scopes: [] }];
      await start({ apis: [notes], thirdParty: { grants, identityScopes: 'refused' } });
      const asked = { ...tenant, audience: notes.identifier };
      const none = await checkDeviceCode(asked);
      assert.match(none?.message ?? '', /Device Code.*third-party client in strict mode.*first-party appl/);
      await failsWith(checkCallback(asked, redirectUri), 'invalid_settings', /third party’s in strict mode/);
    });

    it('is found before anybody signs in: tokens that are bound to a key', async () => {
      await start();
      const body = { error: 'invalid_dpop_proof', error_description: 'DPoP proof is required' };
      tenant.answerTokenRequests([{ status: 400, body }]);
      await failsWith(checkDeviceCode(tenant), 'invalid_settings', /demands tokens bound to a key/);
    });

    it('is found before anybody signs in: tokens that are bound to a key, where there is no code', async () => {
      const grants = [{ audience: notes.identifier, scopes: [] }];
      await start({ apis: [notes], thirdParty: { grants } });
      const asked = { ...tenant, audience: notes.identifier };
      const body = { error: 'invalid_dpop_proof', error_description: 'DPoP proof is required' };
      tenant.answerTokenRequests([{ status: 400, body }]);
      await failsWith(checkDeviceCode(asked), 'invalid_settings', /demands tokens bound to a key/);
    });

    it('is none where a code can be entered', async () => {
      await start();
      assert.equal(await checkDeviceCode(tenant), undefined);
    });

    it('is named where it lets only pushed requests in, and discovery does not say so', async () => {
      await start();
      const request = await begin();
      const answer = {
        error: 'invalid_request',
        error_description: 'Pushed Authorization Request must be used',
      };
      const query = new URLSearchParams({ ...answer, state: request.state, iss: tenant.issuer });
      await failsWith(request.redeem(query), 'invalid_settings', /Require Pushed Authorization Requests/);
    });
  });

  describe('and answers', () => {
    /** Signs in at a tenant whose answer has those claims. */
    async function answered(
      idToken: JWTPayload,
      accessToken: JWTPayload,
      options: Partial<AuthorizationOptions> = {},
    ): Promise<Grant> {
      const request = await begin(options);
      const { url } = await signInByForm(request.url);
      const nonce = new URL(request.url).searchParams.get('nonce');
      const body = {
        access_token: await tenant.sign(accessToken),
        id_token: await tenant.sign({ aud: tenant.clientId, nonce, ...idToken }),
        token_type: 'Bearer',
        expires_in: 60,
      };
      tenant.answerTokenRequests([{ status: 200, body }]);
      return request.redeem(new URL(url).searchParams);
    }

    it('as another issuer: both are named', async () => {
      await start();
      const other = 'https://login.other.example/';
      await failsWith(
        answered({ iss: other }, {}),
        'invalid_response',
        /localhost.*https:\/\/login\.other\.example\//,
      );
      await failsWith(
        createVerifier(tenant)(await tenant.sign({ iss: other })),
        'invalid_token',
        /not issued by http:\/\/localhost:\d+, but by https:\/\/login\.other\.example\//,
      );
    });

    for (const [name, idToken, accessToken, saying] of [
      [
        'another organization',
        { org_id: 'org_other' },
        { org_id: 'org_acme' },
        /organization org_other, but org_acme/,
      ],
      ['no organization', {}, { org_id: 'org_acme' }, /for no organization, but org_acme was asked for/],
      [
        'an access token of another one',
        { org_id: 'org_acme' },
        { org_id: 'org_other' },
        /organization org_other/,
      ],
      ['an access token of none', { org_id: 'org_acme' }, {}, /for no organization/],
    ] as const) {
      it(`for ${name}: nothing of it is used`, async () => {
        await start({ organizations: [acme] });
        const hints = { organization: 'org_acme' };
        await failsWith(answered(idToken, accessToken, { hints }), 'access_denied', saying);
      });
    }

    it('for an organization by its name, whatever its case; an id is compared exactly', async () => {
      await start({ organizations: [acme], organizationNames: true });
      const named = { org_id: 'org_acme', org_name: 'acme' };
      const grant = await answered(named, named, { hints: { organization: 'ACME' } });
      assert.deepEqual(grant.account.organization, { id: 'org_acme', name: 'acme' });
      const verify = (organization: string) => createVerifier({ ...tenant, organization });
      const token = await tenant.sign(named);
      assert.equal((await verify('Acme')(token)).sub, 'auth0|ada');
      await failsWith(verify('ORG_ACME')(token), 'invalid_token', /not for the organization ORG_ACME/);
    });

    it('as another person than was asked for: nothing of it is used', async () => {
      await start();
      const expected = { id: 'auth0|bob', label: 'bob@example.com' };
      await failsWith(
        signIn({ expected }),
        'account_mismatch',
        /signed in as ada@example\.com, but bob@example\.com was asked for/,
      );
      await failsWith(
        answered(
          { org_id: 'org_acme' },
          { org_id: 'org_acme' },
          { expected: { id: 'auth0|ada', label: 'Ada' } },
        ),
        'account_mismatch',
      );
    });
  });
});

describe('the link of an invitation', () => {
  it('gives what is sent on to the tenant, and nothing else', () => {
    const link = ' https://app.example/a?x=1&invitation=abc&organization=org_1&organization_name=acme#y\n';
    assert.deepEqual(parseInvitation(link), {
      invitation: 'abc',
      organization: 'org_1',
      organizationName: 'acme',
    });
  });

  for (const [name, link] of [
    ['two invitations', 'https://app.example/?invitation=a&invitation=b&organization=o'],
    ['no organization', 'https://app.example/?invitation=a'],
    ['odd characters', 'https://app.example/?invitation=a%0Ab&organization=o'],
    ['no https', 'http://app.example/?invitation=a&organization=o'],
    ['a password', 'https://u:p@app.example/?invitation=a&organization=o'],
    ['100,000 characters', `https://app.example/?organization=o&invitation=${'a'.repeat(100_000)}`],
    [
      '1,000 characters of an invitation',
      `https://app.example/?organization=o&invitation=${'a'.repeat(1_000)}`,
    ],
  ] as const) {
    it(`is refused without being shown, with ${name}`, async () => {
      const reading = Promise.resolve(link).then(parseInvitation);
      await failsWith(
        reading,
        'invalid_settings',
        /^This is not the link of an invitation\.(?!.*app\.example)/,
      );
    });
  }
});
