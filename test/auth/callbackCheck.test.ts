import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { checkCallback, unlessRefused } from '../../src/auth/callbackCheck.ts';
import type { Tenant } from '../../src/auth/tenant.ts';
import { startImpostor, type Impostor } from '../tenant/impostor.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { failsWith } from './fixtures.ts';

const known = 'vscode://omnispindle.omnispindle/callback';
const unknown = 'cursor://omnispindle.omnispindle/callback';

describe('the check of a callback before a page opens', () => {
  let tenant: DemoTenant;
  let odd: Impostor;
  before(async () => {
    tenant = await startTenant({ redirectUris: [known, 'http://localhost:9999/callback'] });
    odd = await startImpostor();
  });
  after(() => Promise.all([tenant.close(), odd.close()]));
  afterEach(() => {
    tenant.setMode('normal');
  });

  /** A sign-in whose page answers as soon as it opens. @returns whether that opened, and how long (ms) that took */
  async function signIn(
    at: Tenant,
    redirectUri: string,
    limit?: number,
    signal = new AbortController().signal,
  ) {
    const { promise: granted, resolve } = Promise.withResolvers<string>();
    const start = Date.now();
    let opened: number | undefined;
    const result = unlessRefused({
      tenant: at,
      redirectUri,
      signal,
      granted,
      open: () => {
        opened = Date.now() - start;
        resolve('granted');
        return Promise.resolve();
      },
      ...(limit !== undefined && { limit }),
    });
    await Promise.allSettled([result]);
    return { result, opened };
  }

  /** Has the odd tenant answer an authorization request so. */
  function answers(act: (response: ServerResponse, asked: URL) => void): Tenant {
    odd.answer('/authorize', (request, response) => {
      act(response, new URL(request.url ?? '', odd.domain));
    });
    return odd.tenant();
  }
  const goesTo = (address: string) =>
    answers(response => response.writeHead(302, { location: address }).end());

  it('[E7] opens the page of a sign-in whose callback the tenant allows', async () => {
    const { result, opened } = await signIn(tenant, known);
    assert.equal(await result, 'granted');
    assert.notEqual(opened, undefined);
  });

  for (const redirectUri of [unknown, `${known}/`, `${known}?windowId=1`, known.toUpperCase()]) {
    it(`[E7] opens no page of a sign-in that would come back to ${redirectUri}, which is not allowed`, async () => {
      const { result, opened } = await signIn(tenant, redirectUri);
      await failsWith(result, 'callback_mismatch', /Allowed Callback URLs/);
      assert.equal(opened, undefined);
      assert.equal(tenant.counters()['authorize'], undefined);
    });
  }

  it('[E7] opens no page where the tenant does not know the client', async () => {
    const { result, opened } = await signIn({ ...tenant, clientId: 'stranger' }, known);
    await failsWith(result, 'invalid_settings', /stranger/);
    assert.equal(opened, undefined);
  });

  for (const [where, status, page] of [
    ['Auth0', 403, '<title>Oops!</title>Callback URL mismatch. The provided redirect_uri is not in the list'],
    ['oidc-provider', 400, '{"error":"invalid_redirect_uri"}'],
    ['Keycloak', 400, 'Invalid parameter: redirect_uri'],
  ] as const) {
    it(`[E7] opens no page where the tenant refuses the callback in the words of ${where}`, async () => {
      const { opened, result } = await signIn(
        answers(response => response.writeHead(status).end(page)),
        unknown,
      );
      await failsWith(result, 'callback_mismatch');
      assert.equal(opened, undefined);
    });
  }

  it('[E7] opens no page where the tenant refuses the callback on an error page of the company’s own', async () => {
    const query = new URLSearchParams({
      error: 'invalid_request',
      error_description:
        'Callback URL mismatch. The provided redirect_uri is not in the list of allowed ones.',
    });
    const at = goesTo(`https://errors.example/auth0?${query.toString()}`);
    const { opened, result } = await signIn(at, unknown);
    await failsWith(result, 'callback_mismatch');
    assert.equal(opened, undefined);
    await failsWith(checkCallback(at, unknown), 'callback_mismatch');
  });

  for (const [doubt, act] of [
    ['asks for more', (response: ServerResponse) => response.writeHead(429).end('Too many requests')],
    ['has a fault', (response: ServerResponse) => response.writeHead(500).end('redirect_uri')],
    ['breaks the connection', (response: ServerResponse) => response.destroy()],
    ['says nothing at all', () => undefined],
    ['shows a page', (response: ServerResponse) => response.writeHead(200).end('redirect_uri')],
    [
      'goes elsewhere without a reason',
      (response: ServerResponse) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end(),
    ],
    ['goes nowhere', (response: ServerResponse) => response.writeHead(302, { location: 'http://[' }).end()],
    [
      'goes back with words that name the callback',
      (response: ServerResponse) =>
        response
          .writeHead(302, { location: `${known}?error=login_required&error_description=redirect_uri` })
          .end(),
    ],
  ] as const) {
    it(`[E7] opens the page all the same where the tenant ${doubt} when it is asked`, async () => {
      const { result, opened } = await signIn(
        answers(response => {
          act(response);
        }),
        known,
        300,
      );
      assert.equal(await result, 'granted');
      assert.ok(opened !== undefined && opened < 3_000, String(opened));
    });
  }

  it('[E7] ends with a refusal that comes after the page has opened', async () => {
    const at = answers(response => {
      setTimeout(() => response.writeHead(403).end('Callback URL mismatch.'), 300);
    });
    let opened = false;
    const signedIn = unlessRefused({
      tenant: at,
      redirectUri: unknown,
      signal: new AbortController().signal,
      granted: new Promise<never>(() => undefined),
      open: () => {
        opened = true;
        return Promise.resolve();
      },
      limit: 100,
    });
    await failsWith(signedIn, 'callback_mismatch');
    assert.ok(opened);
  });

  it('[E7] ends at once, without a page, where the person cancels while the tenant is asked', async () => {
    const stop = new AbortController();
    setTimeout(() => {
      stop.abort(new Error('enough'));
    }, 100);
    const { result, opened } = await signIn(
      answers(() => undefined),
      known,
      5_000,
      stop.signal,
    );
    await assert.rejects(result, /enough/);
    assert.equal(opened, undefined);
  });
});
