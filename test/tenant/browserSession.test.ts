import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../auth/fixtures.ts';
import { googleUser } from './accounts.ts';
import { claimsOf, createApplication, errorOf, type Application } from './application.ts';
import { loadCookies, saveCookies, type CookieJar } from './browserless.ts';
import { startTenant, type DemoTenant, type TenantOptions } from './tenant.ts';

const bob = { sub: 'auth0|bob', email: 'bob@example.com', name: 'Bob', password: 'a long password' };
const logoutUrls = ['https://app.example/bye', 'vscode://omnispindle.omnispindle/bye'];

describe('the browser’s session at the demo tenant', () => {
  let tenant: DemoTenant;
  let application: Application;
  let cookies: CookieJar;

  async function start(options: TenantOptions = {}): Promise<void> {
    tenant = await startTenant({ accounts: [bob], logoutUrls, ...options });
    application = await createApplication(tenant);
    cookies = new Map();
  }
  afterEach(() => tenant.close());

  async function signIn(parameters: Record<string, string> = {}, person = tenant.user) {
    const request = { audience: tenant.audience, ...parameters };
    return (await application.signIn(request, { cookies, person })).redeem();
  }

  it('passes who is logged in without a page, whatever login_hint and screen_hint say', async () => {
    await start();
    await signIn();
    for (const hints of [
      {},
      { login_hint: tenant.user.email },
      { login_hint: bob.email },
      { screen_hint: 'signup' },
      { max_age: '300' },
      { connection: 'Username-Password-Authentication' },
    ]) {
      assert.equal(claimsOf(await signIn(hints as Record<string, string>, bob)).sub, 'auth0|ada');
    }
    assert.deepEqual(tenant.counts().pages, { login: 1 });
    assert.deepEqual([tenant.counts().signIns, tenant.counts().passedThrough], [1, 6]);
  });

  it('asks again with prompt=login, and then knows the other person', async () => {
    await start();
    const first = await signIn();
    assert.equal(claimsOf(await signIn({ prompt: 'login' })).sub, 'auth0|ada');
    assert.equal(claimsOf(await signIn({ prompt: 'login' }, bob)).sub, bob.sub);
    assert.equal(claimsOf(await signIn()).sub, bob.sub);
    assert.deepEqual(tenant.counts().pages, { login: 3 });
    assert.equal(claimsOf(await application.refresh(first.refresh_token)).sub, 'auth0|ada');
  });

  it('shows the page to sign up to who is logged in only with prompt=login', async () => {
    await start();
    await signIn();
    const signUp = { name: 'New', email: 'new@example.com', password: 'a long password' };
    const request = { audience: tenant.audience, screen_hint: 'signup', prompt: 'login' };
    const tokens = await (await application.signIn(request, { cookies, person: { signUp } })).redeem();
    assert.equal(tokens.claims()?.['email'], signUp.email);
    assert.deepEqual(tenant.counts().pages, { login: 1, signup: 1 });
  });

  it('is not taken for another connection than the one it was begun with', async () => {
    await start();
    await signIn();
    const request = { audience: tenant.audience, connection: 'google-oauth2' };
    const google = await (await application.signIn(request, { cookies, person: 'google' })).redeem();
    assert.equal(claimsOf(google).sub, 'google-oauth2|104242');
    const back = await signIn({ connection: 'Username-Password-Authentication' });
    assert.equal(claimsOf(back).sub, 'auth0|ada');
  });

  it('asks again once max_age is over', async () => {
    await start();
    await signIn();
    await delay(2_100);
    assert.equal(claimsOf(await signIn({ max_age: '1' }, bob)).sub, bob.sub);
    assert.deepEqual(tenant.counts().pages, { login: 2 });
  });

  it('can be kept in a file, as a browser’s profile keeps it', async () => {
    await start();
    const directory = temporaryDirectory();
    const file = join(directory.path, 'cookies.json');
    assert.equal(loadCookies(file).size, 0);
    await signIn();
    saveCookies(file, cookies);
    cookies = loadCookies(file);
    await signIn();
    directory.remove();
    assert.deepEqual(tenant.counts().pages, { login: 1 });
  });

  it('is kept for the browser that tests name by BROWSER, where it has a file for its cookies', async () => {
    await start();
    const directory = temporaryDirectory();
    const env = { ...process.env, DEMO_BROWSER_COOKIES: join(directory.path, 'cookies.json') };
    const request = {
      client_id: tenant.clientId,
      response_type: 'code',
      redirect_uri: 'vscode://omnispindle.omnispindle/callback',
      scope: 'openid',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    };
    const url = `${tenant.domain}/authorize?${new URLSearchParams(request).toString()}`;
    const browser = join(import.meta.dirname, 'demoBrowser.ts');
    for (let visit = 1; visit <= 2; visit++) {
      await promisify(execFile)(process.execPath, [browser, url], { env });
    }
    directory.remove();
    assert.deepEqual(tenant.counts().pages, { login: 1 });
    assert.deepEqual([tenant.counts().signIns, tenant.counts().passedThrough], [1, 1]);
  });

  describe('at logout', () => {
    /** Follows no redirect. */
    async function visit(path: string, parameters: Record<string, string> = {}) {
      const url = `${tenant.domain}${path}?${new URLSearchParams(parameters).toString()}`;
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies.values()].join('; ') },
      });
      return {
        status: response.status,
        location: response.headers.get('location'),
        html: await response.text(),
      };
    }

    async function isLoggedIn(): Promise<boolean> {
      const silent = await application.signIn({ audience: tenant.audience, prompt: 'none' }, { cookies });
      return errorOf(silent)[0] === null;
    }

    it('ends by the end_session_endpoint of discovery, with the sid of the ID token and no ID token', async () => {
      await start();
      const tokens = await signIn();
      const { sid } = tokens.claims() as { sid?: string };
      assert.ok(sid);
      const metadata = application.configuration.serverMetadata();
      assert.equal(metadata.end_session_endpoint, `${tenant.domain}/oidc/logout`);
      const asked = {
        client_id: tenant.clientId,
        logout_hint: sid,
        post_logout_redirect_uri: 'vscode://omnispindle.omnispindle/bye',
        state: 'S',
      };
      assert.equal(await isLoggedIn(), true);
      const { status, location } = await visit('/oidc/logout', asked);
      assert.deepEqual([status, location], [302, 'vscode://omnispindle.omnispindle/bye?state=S']);
      assert.equal(await isLoggedIn(), false);
      assert.equal(tenant.counts().logouts, 1);
      assert.equal(claimsOf(await application.refresh(tokens.refresh_token)).sub, 'auth0|ada');
    });

    it('has the same sid at every sign-in and renewal of that session', async () => {
      await start();
      const first = await signIn();
      const second = await signIn({ prompt: 'login' });
      const renewed = await application.refresh(second.refresh_token);
      const sids = [first, second, renewed].map(tokens => tokens.claims()?.['sid']);
      assert.ok(sids[0]);
      assert.deepEqual(sids, [sids[0], sids[0], sids[0]]);
    });

    it('asks the person where the request does not know the session', async () => {
      await start();
      await signIn();
      for (const hint of [{}, { logout_hint: 'another' }]) {
        const { status, html } = await visit('/oidc/logout', { client_id: tenant.clientId, ...hint });
        assert.equal(status, 200);
        assert.match(html, /Log out\?/);
        assert.equal(await isLoggedIn(), true);
      }
      assert.deepEqual(tenant.counts().pages, { login: 1, logout: 2 });
    });

    it('goes to allowed addresses alone, and to the first where none is named', async () => {
      await start();
      await signIn();
      for (const [path, parameter] of [
        ['/oidc/logout', 'post_logout_redirect_uri'],
        ['/v2/logout', 'returnTo'],
      ] as const) {
        const evil = await visit(path, { client_id: tenant.clientId, [parameter]: 'https://evil.example/' });
        assert.equal(evil.status, 400);
        assert.match(evil.html, /is not defined as a valid URL in .*Allowed Logout URLs/);
      }
      assert.equal(await isLoggedIn(), true);
      const { location } = await visit('/v2/logout', { client_id: tenant.clientId });
      assert.equal(location, 'https://app.example/bye');
      assert.equal(await isLoggedIn(), false);
    });

    it('ends by /v2/logout too, also where discovery names no other', async () => {
      await start({ endSessionInDiscovery: false });
      assert.equal(application.configuration.serverMetadata().end_session_endpoint, undefined);
      await signIn();
      const asked = { client_id: tenant.clientId, returnTo: 'https://app.example/bye?from=here' };
      const { status, location } = await visit('/v2/logout', asked);
      assert.deepEqual([status, location], [302, 'https://app.example/bye?from=here']);
      assert.equal(await isLoggedIn(), false);
    });
  });

  it('keeps two accounts with one address apart, one of a password and one of Google', async () => {
    const grace = {
      sub: 'auth0|grace',
      email: 'grace@example.com',
      name: 'Grace',
      password: 'a long password',
    };
    const google = { email: grace.email, name: 'Grace Hopper', password: 'another password' };
    await start({ accounts: [grace], googleAccount: google });
    const byPassword = await signIn({}, grace);
    const request = { audience: tenant.audience, prompt: 'login' };
    const byGoogle = await (await application.signIn(request, { cookies, person: { google } })).redeem();
    assert.deepEqual(
      [byPassword, byGoogle].map(tokens => [tokens.claims()?.sub, tokens.claims()?.['email']]),
      [
        ['auth0|grace', grace.email],
        ['google-oauth2|104242', grace.email],
      ],
    );
    assert.notEqual(googleUser.email, grace.email);
  });
});
