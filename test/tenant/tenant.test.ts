import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as client from 'openid-client';
import { beginAuthorization } from '../../src/auth/authorizationRequest.ts';
import { createVerifier } from '../../src/auth/verify.ts';
import { temporaryDirectory, testAuthenticator } from '../auth/fixtures.ts';
import { signInByForm, type Person } from './browserless.ts';
import { tenantControl } from './control.ts';
import { startTenant, type DemoTenant } from './tenant.ts';

describe('the demo tenant', () => {
  let tenant: DemoTenant;
  let configuration: client.Configuration;

  before(async () => {
    tenant = await startTenant();
    configuration = await client.discovery(
      new URL(tenant.issuer),
      tenant.clientId,
      undefined,
      client.None(),
      {
        execute: [client.allowInsecureRequests],
      },
    );
  });
  after(() => tenant.close());
  afterEach(() => {
    tenant.setMode('normal');
  });

  /** The callback is not listened to: what matters is where the browser is sent. */
  async function codeFlow(person?: Person, parameters: Record<string, string> = {}) {
    const verifier = client.randomPKCECodeVerifier();
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: 'vscode://omnispindle.omnispindle/callback',
      scope: 'openid profile email offline_access',
      audience: tenant.audience,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: 'S',
      ...parameters,
    });
    const { url: callback, html } = await signInByForm(url.href, person);
    const redeem = () =>
      client.authorizationCodeGrant(configuration, new URL(callback), {
        pkceCodeVerifier: verifier,
        expectedState: 'S',
        idTokenExpected: true,
      });
    return { callback, html, redeem };
  }

  it('has an issuer with a trailing slash and Auth0’s paths', () => {
    const metadata = configuration.serverMetadata();
    assert.equal(metadata.issuer, `${tenant.domain}/`);
    assert.equal(metadata.authorization_endpoint, `${tenant.domain}/authorize`);
    assert.equal(metadata.token_endpoint, `${tenant.domain}/oauth/token`);
    assert.equal(metadata.device_authorization_endpoint, `${tenant.domain}/oauth/device/code`);
    assert.equal(metadata.revocation_endpoint, `${tenant.domain}/oauth/revoke`);
    assert.equal(metadata.jwks_uri, `${tenant.domain}/.well-known/jwks.json`);
  });

  it('says who issued a code, or does not, as Auth0 today', async () => {
    const silent = await startTenant({ sendsIss: false });
    for (const [at, iss] of [
      [tenant, tenant.issuer],
      [silent, null],
    ] as const) {
      const discovered = await fetch(`${at.domain}/.well-known/openid-configuration`);
      const metadata = (await discovered.json()) as Record<string, unknown>;
      assert.equal(metadata['authorization_response_iss_parameter_supported'], iss ? true : undefined);
      const request = await beginAuthorization(at, {
        redirectUri: 'vscode://omnispindle.omnispindle/callback',
        scopes: ['openid'],
        hints: {},
      });
      const { searchParams } = new URL((await signInByForm(request.url)).url);
      assert.ok(searchParams.has('code'));
      assert.equal(searchParams.get('iss'), iss);
    }
    await silent.close();
  });

  it('gives an RS256 access token for the audience, and who the person is', async () => {
    const tokens = await (await codeFlow()).redeem();
    const [header, payload] = tokens.access_token
      .split('.')
      .slice(0, 2)
      .map(part => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
    assert.equal(header?.['alg'], 'RS256');
    assert.equal(payload?.['iss'], tenant.issuer);
    assert.equal(payload['aud'], tenant.audience);
    assert.equal(payload['sub'], 'auth0|ada');
    assert.equal(tokens.claims()?.['email'], tenant.user.email);
    assert.ok(tokens.refresh_token);
  });

  it('signs up, and takes screen_hint=signup there at once', async () => {
    const signUp = { name: 'Mary', email: 'mary@example.com', password: 'a long password' };
    const tokens = await (await codeFlow({ signUp }, { screen_hint: 'signup' })).redeem();
    assert.equal(tokens.claims()?.['email'], signUp.email);
    const again = await (await codeFlow({ email: signUp.email, password: signUp.password })).redeem();
    assert.equal(again.claims()?.sub, tokens.claims()?.sub);
  });

  for (const parameters of [{}, { connection: 'google-oauth2' }]) {
    it(`really federates to the other provider ${JSON.stringify(parameters)}`, async () => {
      const tokens = await (await codeFlow('google', parameters)).redeem();
      assert.equal(tokens.claims()?.sub, 'google-oauth2|104242');
      assert.equal(tokens.claims()?.['email'], 'grace@gmail.example');
    });
  }

  it('answers access_denied when the person cancels', async () => {
    const { callback } = await codeFlow('cancel');
    assert.equal(new URL(callback).searchParams.get('error'), 'access_denied');
  });

  it('compares redirect URIs exactly, ports included', async () => {
    const { html } = await codeFlow(undefined, { redirect_uri: 'http://localhost:9999/callback' });
    assert.match(html, /Callback URL mismatch/);
  });

  it('says who the person is to whoever has their token, one for the API too', async () => {
    const { access_token } = await (await codeFlow()).redeem();
    const person = await client.fetchUserInfo(configuration, access_token, 'auth0|ada');
    assert.deepEqual([person.email, person.name], [tenant.user.email, tenant.user.name]);
    for (const authorization of ['', `Bearer ${access_token.slice(0, -9)}`]) {
      const answer = await fetch(`${tenant.domain}/userinfo`, { headers: { authorization } });
      assert.equal(answer.status, 401);
    }
  });

  it('refuses an API that it does not know', async () => {
    const { callback } = await codeFlow(undefined, { audience: 'https://other.example/' });
    assert.equal(new URL(callback).searchParams.get('error'), 'access_denied');
    assert.match(new URL(callback).searchParams.get('error_description') ?? '', /Service not found/);
  });

  it('rotates refresh tokens, and ends the family when one is used twice', async () => {
    const first = await (await codeFlow()).redeem();
    const second = await client.refreshTokenGrant(configuration, first.refresh_token ?? '');
    assert.notEqual(second.refresh_token, first.refresh_token);
    await assert.rejects(client.refreshTokenGrant(configuration, first.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
    await assert.rejects(client.refreshTokenGrant(configuration, second.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
  });

  it('ends a session by revocation, and leaves the others', async () => {
    await tenant.revokeSessions();
    const one = await (await codeFlow()).redeem();
    const other = await (await codeFlow()).redeem();
    assert.equal(await tenant.liveSessions(), 2);
    await client.tokenRevocation(configuration, one.refresh_token ?? '');
    assert.equal(await tenant.liveSessions(), 1);
    await client.refreshTokenGrant(configuration, other.refresh_token ?? '');
  });

  it('signs a device in by its code', async () => {
    const device = await client.initiateDeviceAuthorization(configuration, {
      scope: 'openid profile email offline_access',
      audience: tenant.audience,
    });
    const { html } = await signInByForm(device.verification_uri_complete ?? '');
    assert.match(html, /You are signed in/);
    const tokens = await client.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 1 });
    assert.equal(tokens.claims()?.sub, 'auth0|ada');
    assert.ok(tokens.refresh_token);
    assert.equal(tokens.access_token.split('.').length, 3);
  });

  it('can be down, slow, garbage, and lose an answer after rotating', async () => {
    const tokens = await (await codeFlow()).redeem();
    tenant.setMode('down');
    await assert.rejects(fetch(`${tenant.domain}/userinfo`));
    tenant.setMode('garbage');
    assert.match(await (await fetch(`${tenant.domain}/userinfo`)).text(), /It works/);
    tenant.setMode('slow', 300);
    const started = Date.now();
    await fetch(`${tenant.domain}/.well-known/openid-configuration`);
    assert.ok(Date.now() - started >= 295);
    tenant.setMode('normal');
    tenant.dropNextTokenAnswer();
    await assert.rejects(client.refreshTokenGrant(configuration, tokens.refresh_token ?? ''));
    await assert.rejects(client.refreshTokenGrant(configuration, tokens.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
  });

  it('counts by endpoint and grant, also for another process', async () => {
    const control = tenantControl(tenant.domain);
    await control.resetCounters();
    await (await codeFlow()).redeem();
    const counters = await control.counters();
    assert.equal(counters['token'], 1);
    assert.equal(counters['token:authorization_code'], 1);
    await control.setTokenLifetime(7);
    assert.equal((await (await codeFlow()).redeem()).expires_in, 7);
  });

  it('is the same tenant after a restart', async () => {
    const directory = temporaryDirectory();
    const stateFile = join(directory.path, 'state.db');
    let restarting = await startTenant({ stateFile });
    try {
      const { authenticator, ui } = testAuthenticator(restarting, directory.path);
      const first = await authenticator.ensure();
      await restarting.close();
      restarting = await startTenant({ stateFile, port: restarting.port });
      // What is left of the connections to the former process fails now, and never again.
      await fetch(restarting.domain).catch(() => undefined);
      await createVerifier(restarting)(first.accessToken);
      const second = await authenticator.ensure({ rejected: first.accessToken });
      assert.notEqual(second.refreshToken, first.refreshToken);
      assert.equal(ui.opened.length, 1);
    } finally {
      await restarting.close();
      directory.remove();
    }
  });
});
