import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { beginAuthorization } from '../../../src/auth/authorizationRequest.ts';
import { isOmnispindleError } from '../../../src/common/errors.ts';
import type { Grant } from '../../../src/auth/flows/flow.ts';
import { discover } from '../../../src/auth/discovery.ts';
import { loopbackFlow } from '../../../src/auth/flows/loopback.ts';
import { defaultScopes, type Tenant } from '../../../src/auth/tenant.ts';
import { signInByForm } from '../../tenant/browserless.ts';
import { callback, callbackPort as port } from '../../tenant/callbackPort.ts';
import { startImpostor, type Impostor } from '../../tenant/impostor.ts';
import { startTenant } from '../../tenant/tenant.ts';
import { useTenant } from '../../tenant/useTenant.ts';
import { failsWith, memoryLog } from '../fixtures.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks the callback server as no browser would. */
function ask(
  path: string,
  { method = 'GET', host = `localhost:${String(port)}`, address = '127.0.0.1' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: address, port, path, method, headers: { host } }, response => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    request.on('error', reject);
    request.end();
  });
}

/** Begins a sign-in and gives its authorization URL once the browser would open. */
async function beginAt(tenant: Tenant): Promise<{ url: string; granted: Promise<Grant>; cancel(): void }> {
  const stop = new AbortController();
  const { promise: opened, resolve } = Promise.withResolvers<string>();
  const granted = loopbackFlow({ port }).run({
    tenant,
    audience: tenant.audience,
    scopes: defaultScopes,
    hints: {},
    log: memoryLog(),
    signal: stop.signal,
    ui: {
      openBrowser: url => {
        resolve(url);
        return Promise.resolve(true);
      },
      showDeviceCode: () => Promise.reject(new Error('not asked for')),
    },
  });
  granted.catch(() => undefined);
  const url = await Promise.race([opened, granted.then(() => '')]);
  return {
    url,
    granted,
    cancel: () => {
      stop.abort(new Error('cancelled'));
    },
  };
}
const state = (url: string) => new URL(url).searchParams.get('state') ?? '';

describe('the loopback flow', () => {
  const given = useTenant();
  const begin = (at: Tenant = given.tenant) => beginAt(at);

  it('[W14] shows on the page what the tenant says, as text', async () => {
    const { url, granted } = await begin();
    const turnedAway = { error: 'access_denied', error_description: 'Verify <b>your</b> email & "name"' };
    const { html } = await signInByForm(url, { turnedAway });
    assert.ok(html.includes('&#34;Verify &#60;b&#62;your&#60;/b&#62; email &#38; &#34;name&#34;&#34;'), html);
    await failsWith(granted, 'access_denied', /says: "Verify <b>your<\/b> email & "name""/);
  });

  it('seed: ends with a page that says it may be closed, in light and dark, and that runs and tells nothing', async () => {
    const { url, granted } = await begin();
    const { html, url: last } = await signInByForm(url);
    assert.ok(last.startsWith(callback));
    assert.match(html, /You are signed in as ada@example.com\. You may close this page/);
    assert.match(html, /prefers-color-scheme: dark/);
    assert.doesNotMatch(html, /<script|https?:\/\//);
    assert.equal((await granted).account.email, 'ada@example.com');
    await assert.rejects(ask('/callback'), 'the port is free again');
  });

  it('answers what is not its callback, and goes on waiting for it', async () => {
    const { url, granted } = await begin();
    const right = `code=x&state=${state(url)}`;
    const wrong: [string, Parameters<typeof ask>[1], number, RegExp][] = [
      [`/?${right}`, undefined, 404, /There is nothing here/],
      [`/callback/x?${right}`, undefined, 404, /There is nothing here/],
      [`//callback?${right}`, undefined, 404, /There is nothing here/],
      ['/favicon.ico', undefined, 404, /There is nothing here/],
      [`/callback?${right}`, { method: 'POST' }, 405, /Only a browser coming from the sign-in page/],
      [`/callback?${right}`, { host: 'evil.example' }, 400, /not the one the sign-in page leads to/],
      [`/callback?${right}`, { host: 'localhost' }, 400, /not the one the sign-in page leads to/],
      ['/callback?code=x', undefined, 400, /belongs to another sign-in/],
      ['/callback?code=x&state=another', undefined, 400, /belongs to another sign-in/],
      [`/callback?state=${state(url)}`, undefined, 400, /carries no code/],
      [`/callback?code=y&${right}`, undefined, 400, /names &#34;code&#34; twice/],
      [`/callback?${right}&state=${state(url)}`, undefined, 400, /belongs to another sign-in/],
      [`/callback?${right}&iss=x&iss=y`, undefined, 400, /names &#34;iss&#34; twice/],
      [`/callback?state=wrong&error=access_denied`, undefined, 400, /belongs to another sign-in/],
      [`/callback?state=y&code=${'x'.repeat(1_000_000)}`, undefined, 431, /^$/],
    ];
    for (const [path, options, status, says] of wrong) {
      const answer = await ask(path, options).catch(() => ({ status: 431, body: '' }));
      assert.equal(answer.status, status, path.slice(0, 80));
      assert.match(answer.body, says, path.slice(0, 80));
    }
    // None of them was taken for the right one.
    assert.equal(given.tenant.counters()['token'], undefined);
    await signInByForm(url);
    assert.equal((await granted).account.id, 'auth0|ada');
  });

  it('survives 10,000 random callbacks, and the right one still succeeds', async () => {
    const { url, granted } = await begin();
    const query = fc.array(fc.tuple(fc.constantFrom('code', 'state', 'error', 'iss', 'x'), fc.string()), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(query, { minLength: 20, maxLength: 20 }), async queries => {
        const answers = await Promise.all(
          queries.map(pairs => ask(`/callback?${new URLSearchParams(pairs).toString()}`)),
        );
        assert.ok(answers.every(({ status }) => status === 400));
      }),
      { numRuns: 500 },
    );
    await signInByForm(url);
    assert.equal((await granted).account.id, 'auth0|ada');
  });

  it('ends also where the browser has closed before its page comes', async () => {
    const { url, granted } = await begin();
    given.tenant.setMode('slow', 300);
    const query = `code=x&state=${state(url)}&iss=${encodeURIComponent(given.tenant.issuer)}`;
    const browser = connect(port, '127.0.0.1');
    browser.write(`GET /callback?${query} HTTP/1.1\r\nHost: localhost:${String(port)}\r\n\r\n`, () => {
      browser.destroy();
    });
    await assert.rejects(granted, error => isOmnispindleError(error));
  });

  it('closes the connections that a browser has opened beforehand', async () => {
    const { url, granted } = await begin();
    const spare = connect(port, '127.0.0.1');
    await once(spare, 'connect');
    const closed = once(spare, 'close');
    await signInByForm(url);
    await granted;
    await closed;
  });

  it('ends where the person refuses, and says so on the page', async () => {
    const { url, granted } = await begin();
    const { html } = await signInByForm(url, 'cancel');
    assert.match(html, /Not signed in/);
    await failsWith(granted, 'access_denied', /Try again/);
  });

  it('escapes what comes from outside', async () => {
    const { url, granted } = await begin();
    const { body } = await ask(
      `/callback?error=%3Cscript%3Ealert(1)%3C/script%3E&state=${state(url)}&iss=${encodeURIComponent(given.tenant.issuer)}`,
    );
    assert.doesNotMatch(body, /<script>/);
    await failsWith(granted, 'server_error');
  });

  it('[E7] says which callback to allow where the tenant does not, before a page opens', async () => {
    const strict = await startTenant({ redirectUris: ['http://localhost:9999/callback'] });
    await assert.rejects(begin(strict), {
      code: 'callback_mismatch',
      message: `${strict.domain} does not allow the callback ${callback}. Add it to the application’s Allowed Callback URLs.`,
    });
    assert.equal(strict.counters()['authorize'], undefined);
    await strict.close();
  });

  it('[E7] says that the tenant does not know the client, before a page opens', async () => {
    await failsWith(
      begin({ ...given.tenant, clientId: 'stranger' }),
      'invalid_settings',
      /does not accept the client "stranger".*AUTH0_CLIENT_ID/,
    );
  });

  for (const address of ['127.0.0.1', '::1']) {
    it(`listens at ${address}, to which a browser may take localhost`, async () => {
      const { granted, cancel } = await begin();
      assert.equal((await ask('/', { address })).status, 404);
      cancel();
      await assert.rejects(granted);
    });

    it(`names the port that another program holds at ${address}`, async () => {
      const stranger: Server = createServer().listen({ port, host: address, ipv6Only: true });
      await once(stranger, 'listening');
      try {
        await failsWith(begin(), 'port_in_use', new RegExp(`${String(port)}.*CALLBACK_PORT`));
      } finally {
        stranger.close();
      }
    });
  }

  it('stops at once, and frees its port, when cancelled', async () => {
    const { granted, cancel } = await begin();
    cancel();
    await assert.rejects(granted);
    await assert.rejects(ask('/callback'));
  });

  it('says what to do where the tenant is down, answers garbage, or does not answer in time', async () => {
    // Another client id, because what was discovered for the first one is remembered.
    given.tenant.setMode('down');
    await failsWith(
      begin({ ...given.tenant, clientId: 'one' }),
      'tenant_unreachable',
      /could not be reached/,
    );
    given.tenant.setMode('garbage');
    await failsWith(
      begin({ ...given.tenant, clientId: 'two' }),
      'invalid_response',
      /did not answer like an Auth0 tenant/,
    );
    given.tenant.setMode('slow', 15_000);
    await failsWith(
      discover({ ...given.tenant, clientId: 'three' }, 0.5),
      'tenant_unreachable',
      /could not be reached/,
    );
  });

  for (const domain of [
    'not a host',
    'http://example.com',
    'http://tenant.localhost',
    'https://user:pass@example.com',
    'example.com/path',
  ]) {
    it(`names the setting where the domain is "${domain}"`, async () => {
      await failsWith(begin({ ...given.tenant, domain }), 'invalid_settings', /AUTH0_DOMAIN/);
    });
  }

  it('names the setting where the tenant does not know the audience', async () => {
    const { url, granted } = await begin({ ...given.tenant, audience: 'https://unknown.example/' });
    await signInByForm(url);
    await failsWith(granted, 'invalid_settings', /AUTH0_AUDIENCE/);
  });
});

for (const [kind, sendsIss] of [
  ['that says who issued a code (RFC 9207)', true],
  ['that does not say who issued a code, as Auth0 today', false],
] as const) {
  describe(`the loopback flow, at a tenant ${kind}, against mix-up (RFC 9700 section 4.4)`, () => {
    const given = useTenant({ sendsIss });
    const other = useTenant({ sendsIss });
    let impostor: Impostor;
    before(async () => {
      impostor = await startImpostor();
    });
    after(() => impostor.close());
    beforeEach(() => {
      impostor.discovers({});
    });
    const issuer = () => (sendsIss ? `&iss=${encodeURIComponent(given.tenant.issuer)}` : '');

    it('[T3] signs in anyway', async () => {
      const { url, granted } = await beginAt(given.tenant);
      const { url: last } = await signInByForm(url);
      assert.equal(new URL(last).searchParams.has('iss'), sendsIss);
      assert.equal((await granted).account.id, 'auth0|ada');
    });

    it('[T3] refuses a callback from another tenant, and sends its code nowhere', async () => {
      for (const iss of ['https://evil.example/', other.tenant.issuer, given.tenant.domain, 'x']) {
        const { url, granted } = await beginAt(given.tenant);
        await ask(`/callback?code=x&state=${state(url)}&iss=${encodeURIComponent(iss)}`);
        await failsWith(granted, 'invalid_response');
      }
      assert.equal(given.tenant.counters()['token'], undefined);
    });

    it('[T3] refuses a code of its own making, and leaks nothing of it', async () => {
      const { url, granted } = await beginAt(given.tenant);
      await ask(`/callback?code=S3CRETC0DE&state=${state(url)}${issuer()}`);
      await assert.rejects(
        granted,
        error =>
          isOmnispindleError(error) && !JSON.stringify([error.message, error.cause]).includes('S3CRET'),
      );
    });

    it('[T3] refuses a code that the tenant gave somebody else, without its verifier (PKCE)', async () => {
      const theirs = await beginAuthorization(given.tenant, {
        redirectUri: callback,
        scopes: defaultScopes,
        hints: {},
      });
      const stranger = createServer((_request, response) => response.end()).listen(port, 'localhost');
      const theirCallback = new URL((await signInByForm(theirs.url, 'google')).url);
      stranger.close();
      const code = theirCallback.searchParams.get('code') ?? '';
      const { url, granted } = await beginAt(given.tenant);
      await ask(`/callback?code=${code}&state=${state(url)}${issuer()}`);
      await failsWith(granted, 'login_required');
    });

    it('[T3] refuses a callback with the state of a sign-in at another tenant, whose code goes nowhere', async () => {
      const elsewhere = await beginAuthorization(other.tenant, {
        redirectUri: callback,
        scopes: defaultScopes,
        hints: {},
      });
      const { url, granted } = await beginAt(given.tenant);
      const answer = await ask(`/callback?code=x&state=${elsewhere.state}${issuer()}`);
      assert.match(answer.body, /belongs to another sign-in/);
      assert.equal(given.tenant.counters()['token'], undefined);
      assert.equal(other.tenant.counters()['token'], undefined);
      await signInByForm(url);
      assert.equal((await granted).account.id, 'auth0|ada');
    });

    it('[T3] takes no code to a tenant that names this one’s login page as its own', async () => {
      impostor.discovers({ authorization_endpoint: `${given.tenant.domain}/authorize` });
      const { clientId, audience } = given.tenant;
      const work = beginAt({ ...impostor.tenant(), clientId, audience });
      await failsWith(work, 'invalid_response', /authorization_endpoint/);
      assert.deepEqual(impostor.asked, ['/.well-known/openid-configuration']);
      assert.equal(given.tenant.counters()['authorize'], undefined, 'no page opens');
    });

    it('[T3] takes no code to a tenant that names this one’s issuer as its own', async () => {
      impostor.discovers({ issuer: given.tenant.issuer });
      await failsWith(beginAt(impostor.tenant()), 'invalid_response', /says that it is/);
      assert.deepEqual(impostor.asked, ['/.well-known/openid-configuration']);
    });

    if (sendsIss) {
      it('[T3] takes no code to a tenant whose login page forwards to this one’s', async () => {
        impostor.answer('/authorize', (request, response) => {
          const location = new URL(request.url ?? '', given.tenant.domain);
          response.writeHead(302, { location: location.href }).end();
        });
        const { clientId, audience } = given.tenant;
        const { url, granted } = await beginAt({ ...impostor.tenant(), clientId, audience });
        await signInByForm(url);
        await failsWith(granted, 'invalid_response');
        assert.ok(!impostor.asked.includes('/oauth/token'));
      });

      it('[T3] takes no callback that leaves out who issued its code', async () => {
        const { url, granted } = await beginAt(given.tenant);
        await ask(`/callback?code=x&state=${state(url)}`);
        await failsWith(granted, 'invalid_response');
        assert.equal(given.tenant.counters()['token'], undefined);
      });
    }
  });
}
