import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { signInByForm, type Decliner } from './browserless.ts';
import { demoUser } from './accounts.ts';
import { claimsOf } from './application.ts';
import { listenOnLoopback } from './loopback.ts';
import { startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';

const api = { identifier: 'https://todos.example/mcp', scopes: ['todos:read', 'todos:write'] };
const registration = {
  client_name: 'Loom',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
};
const document = 'https://loom.example/client.json';

describe('the demo tenant, to applications that it does not know', () => {
  let tenant: DemoTenant;
  let application: Awaited<ReturnType<typeof listenOnLoopback>>;
  let redirect: string;

  before(async () => {
    application = await listenOnLoopback(0, 'localhost');
    application.serve((_request, response) => response.end('signed in'));
    redirect = `http://localhost:${String(application.port)}/callback`;
  });
  after(() => application.close());
  afterEach(() => tenant.close());

  async function start(options: TenantOptions): Promise<void> {
    tenant = await startTenant({
      apis: [api],
      thirdPartyDefaults: [{ audience: api.identifier, scopes: ['todos:read'] }],
      ...options,
    });
  }

  const discovered = async (name = 'openid-configuration') =>
    (await (await fetch(`${tenant.domain}/.well-known/${name}`)).json()) as Record<string, unknown>;

  function register(more: object = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ ...registration, redirect_uris: [redirect], ...more });
    return fetch(`${tenant.domain}/oidc/register`, { method: 'POST', headers, body });
  }

  async function registered(more?: object): Promise<string> {
    const response = await register(more);
    assert.equal(response.status, 201);
    return ((await response.json()) as { client_id: string }).client_id;
  }

  /** Signs in to the API by its address, as MCP clients do. */
  async function signIn(
    clientId: string,
    parameters: Record<string, string> = {},
    person: typeof demoUser | Decliner = demoUser,
  ) {
    const execute = [client.allowInsecureRequests];
    const server = new URL(tenant.issuer);
    const configuration = await client.discovery(server, clientId, undefined, client.None(), { execute });
    const pkceCodeVerifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirect,
      scope: 'offline_access todos:read todos:write',
      resource: api.identifier,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    const stop = await signInByForm(url.href, person);
    return {
      ...stop,
      redeem: () =>
        client.authorizationCodeGrant(
          configuration,
          new URL(stop.url),
          { pkceCodeVerifier },
          { resource: api.identifier },
        ),
    };
  }

  it('names no way to register where there is none', async () => {
    await start({});
    const named = await discovered();
    assert.equal(named['registration_endpoint'], undefined);
    assert.equal(named['client_id_metadata_document_supported'], undefined);
    assert.equal((await register()).status, 404);
  });

  it('names every way in both discovery documents', async () => {
    await start({ dynamicRegistration: true, metadataDocuments: {} });
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      const { registration_endpoint, client_id_metadata_document_supported, ...named } =
        await discovered(name);
      assert.equal(registration_endpoint, `${tenant.domain}/oidc/register`, name);
      assert.equal(client_id_metadata_document_supported, true, name);
      assert.deepEqual(named['code_challenge_methods_supported'], ['S256'], name);
      assert.equal(named['authorization_response_iss_parameter_supported'], true, name);
      assert.equal(named['issuer'], tenant.issuer, name);
    }
  });

  it('names the endpoint of dynamic registration also where that is off, as Auth0 does, and refuses there', async () => {
    await start({ dynamicRegistration: false });
    assert.equal((await discovered())['registration_endpoint'], `${tenant.domain}/oidc/register`);
    const response = await register();
    assert.equal(response.status, 404);
    assert.match(await response.text(), /not enabled/);
  });

  it('registers a third party: its own id, no device code, nothing but what Auth0 reads', async () => {
    await start({ dynamicRegistration: true });
    const device = 'urn:ietf:params:oauth:grant-type:device_code';
    const more = { grant_types: [...registration.grant_types, device], scope: 'a b', software_id: 'x' };
    const answer = (await (await register(more)).json()) as Record<string, unknown>;
    assert.match(String(answer['client_id']), /^tpc_/);
    assert.deepEqual(answer['grant_types'], registration.grant_types);
    assert.deepEqual(answer['redirect_uris'], [redirect]);
    for (const absent of ['client_secret', 'scope', 'software_id', 'registration_access_token']) {
      assert.equal(answer[absent], undefined, absent);
    }
  });

  it('answers 400 to a registration that is none', async () => {
    await start({ dynamicRegistration: true });
    for (const more of [
      { redirect_uris: 'no list' },
      { redirect_uris: undefined },
      { response_types: ['x'] },
    ]) {
      assert.equal((await register(more)).status, 400, JSON.stringify(more));
    }
  });

  it('asks for consent before a third party gets a token, once, with the scopes of the default permissions', async () => {
    await start({ dynamicRegistration: true });
    const clientId = await registered();
    const first = await (await signIn(clientId)).redeem();
    const { aud, azp, scope, sub } = claimsOf(first);
    assert.deepEqual([aud, azp, sub], [api.identifier, clientId, 'auth0|ada']);
    assert.equal(scope, 'offline_access todos:read');
    assert.equal(first.id_token, undefined);
    assert.equal(tenant.counts().pages['consent'], 1);
    await (await signIn(clientId)).redeem();
    assert.equal(tenant.counts().pages['consent'], 1);
    await (await signIn(await registered())).redeem();
    assert.equal(tenant.counts().pages['consent'], 2);
  });

  it('leads nobody back who declines, or to an error', async () => {
    await start({ dynamicRegistration: true, thirdPartyDefaults: [] });
    const clientId = await registered();
    const { html, url } = await signIn(clientId);
    assert.match(html, /unauthorized_client: Client is not authorized to access resource server/);
    assert.ok(url.startsWith(tenant.domain), url);
    await tenant.close();
    await start({ dynamicRegistration: true });
    const declined = await signIn(await registered(), {}, 'decline');
    assert.match(declined.html, /declined/);
  });

  it('compares the redirect URIs of a registration exactly, ports included', async () => {
    await start({ dynamicRegistration: true });
    const clientId = await registered({ redirect_uris: ['http://localhost/callback'] });
    assert.match((await signIn(clientId)).html, /Callback URL mismatch/);
  });

  it('takes a client id metadata document that an administrator has imported, and no other', async () => {
    await start({
      metadataDocuments: { [document]: { ...registration, redirect_uris: [redirect], client_id: document } },
    });
    const { azp, scope } = claimsOf(await (await signIn(document)).redeem());
    assert.deepEqual([azp, scope], [document, 'offline_access todos:read']);
    assert.equal(tenant.counts().pages['consent'], 1);
    assert.match((await signIn('https://stranger.example/client.json')).html, /invalid_client/);
  });

  it('asks no consent for a first party, which gets every scope', async () => {
    await start({ clients: [{ clientId: 'team-cli', redirectUris: [redirect] }] });
    const { azp, scope } = claimsOf(await (await signIn('team-cli')).redeem());
    assert.deepEqual([azp, scope], ['team-cli', 'offline_access todos:read todos:write']);
    assert.equal(tenant.counts().pages['consent'], undefined);
  });

  it('reads no resource without the compatibility profile: the token is for no API', async () => {
    await start({ clients: [{ clientId: 'team-cli', redirectUris: [redirect] }], resourceParameter: false });
    const { access_token } = await (await signIn('team-cli')).redeem();
    assert.equal(access_token.split('.').length, 1, 'an opaque token');
  });

  it('renews what a third party was given', async () => {
    await start({ dynamicRegistration: true });
    const clientId = await registered();
    const { refresh_token = '' } = await (await signIn(clientId)).redeem();
    const execute = [client.allowInsecureRequests];
    const server = new URL(tenant.issuer);
    const configuration = await client.discovery(server, clientId, undefined, client.None(), { execute });
    const renewed = await client.refreshTokenGrant(configuration, refresh_token, {
      resource: api.identifier,
    });
    assert.equal(claimsOf(renewed).aud, api.identifier);
  });

  it('answers a browser at the origin of a callback', async () => {
    await start({ dynamicRegistration: true });
    const clientId = await registered();
    const allowed = async (origin: string) => {
      const body = new URLSearchParams({
        client_id: clientId,
        grant_type: 'refresh_token',
        refresh_token: 'x',
      });
      const response = await fetch(`${tenant.domain}/oauth/token`, {
        method: 'POST',
        headers: { origin },
        body,
      });
      return response.headers.get('access-control-allow-origin');
    };
    assert.equal(await allowed(new URL(redirect).origin), new URL(redirect).origin);
    assert.equal(await allowed('https://evil.example'), null);
  });
});
