import assert from 'node:assert/strict';
import { checkCallback } from '../../src/auth/callbackCheck.ts';
import { discover } from '../../src/auth/discovery.ts';
import { deviceCodeFlow } from '../../src/auth/flows/deviceCode.ts';
import { loopbackFlow } from '../../src/auth/flows/loopback.ts';
import type { Flow } from '../../src/auth/flows/flow.ts';
import { refresh } from '../../src/auth/refresh.ts';
import { revoke } from '../../src/auth/revoke.ts';
import { createSignIn } from '../../src/sessions/signIn.ts';
import { defaultScopes, type Tenant } from '../../src/auth/tenant.ts';
import { callback, callbackPort } from '../tenant/callbackPort.ts';
import { startImpostor, type Impostor } from '../tenant/impostor.ts';
import { useTenant } from '../tenant/useTenant.ts';
import { failsWith, memoryLog } from './fixtures.ts';

describe('what a tenant says of its addresses', () => {
  const given = useTenant();
  let impostor: Impostor;
  let elsewhere: Impostor;

  before(async () => {
    impostor = await startImpostor();
    elsewhere = await startImpostor('127.0.0.1');
  });
  after(() => Promise.all([impostor.close(), elsewhere.close()]));
  beforeEach(() => {
    impostor.discovers({});
    elsewhere.discovers({});
  });

  /** A whole sign-in, with everything that a person would see of it, or a browser would open. */
  async function signIn(tenant: Tenant, flow: Flow): Promise<{ work: Promise<unknown>; seen: string[] }> {
    const seen: string[] = [];
    const work = createSignIn({
      flows: [flow],
      surroundings: () => ({ host: 'terminal', browserReachesLoopback: true }),
      log: memoryLog(),
      ui: {
        openBrowser: url => Promise.resolve(seen.push(url) > 0),
        showDeviceCode: code => Promise.resolve(void seen.push(JSON.stringify(code))),
        waiting: ({ url }) => {
          seen.push(url);
          return { notOpened: () => undefined, givenUp: () => undefined, dispose: () => undefined };
        },
      },
    })({
      tenant,
      audience: tenant.audience,
      scopes: defaultScopes,
      hints: {},
      signal: AbortSignal.timeout(10_000),
      onProgress: (...news) => seen.push(...news.map(String)),
    });
    await work.catch(() => undefined);
    return { work, seen };
  }
  const browser = loopbackFlow({ port: callbackPort });

  it('[T2] is refused where it names the genuine login page and a token endpoint of its own', async () => {
    impostor.discovers({ authorization_endpoint: `${given.tenant.domain}/authorize` });
    const { work, seen } = await signIn({ ...impostor.tenant(), clientId: given.tenant.clientId }, browser);
    await failsWith(work, 'invalid_response', /authorization_endpoint/);
    assert.deepEqual(seen, [], 'no browser opens, and no address is offered');
    assert.deepEqual(impostor.asked, ['/.well-known/openid-configuration'], 'it gets no code');
    assert.deepEqual(given.tenant.counters(), {}, 'the genuine page is not asked for');
  });

  it('names what it demands of every request: a signature, which ours have not', async () => {
    impostor.discovers({ require_signed_request_object: true });
    const tenant = impostor.tenant();
    const { work, seen } = await signIn(tenant, browser);
    const demand = /takes only signed authorization requests \(JAR\), which Omnispindle does not support/;
    await failsWith(work, 'invalid_settings', demand);
    assert.deepEqual(seen, []);
    await failsWith(checkCallback(tenant, callback), 'invalid_settings', demand);
  });

  for (const name of [
    'authorization_endpoint',
    'token_endpoint',
    'device_authorization_endpoint',
    'revocation_endpoint',
    'userinfo_endpoint',
    'jwks_uri',
  ]) {
    it(`[T2] leads nowhere else: a ${name} of another origin is refused, and nothing is sent there`, async () => {
      const { host, port } = new URL(impostor.domain);
      const wrong = [
        `${elsewhere.domain}/x`,
        `http://user@${host}/x`,
        `http://user:password@${host}/x`,
        `http://localhost.:${port}/x`,
        `http://127.0.0.1:${port}/x`,
        `https://${host}/x`,
        `http://example.com/x`,
        'file:///etc/passwd',
        'javascript:alert(1)',
        'ms-msdt:/id PCWDiagnostic',
        '/relative',
        '',
        null,
        [`${impostor.domain}/x`],
      ];
      for (const address of wrong) {
        impostor.discovers({ [name]: address });
        const tenant = impostor.tenant();
        const said = new RegExp(`"${name}".*Check AUTH0_DOMAIN`);
        await failsWith(discover(tenant), 'invalid_response', said);
        await failsWith(refresh(tenant, 'a refresh token'), 'invalid_response');
        await failsWith(revoke(tenant, 'a refresh token'), 'invalid_response');
        await failsWith(checkCallback(tenant, callback), 'invalid_response');
        for (const flow of [browser, deviceCodeFlow]) {
          const { work, seen } = await signIn(tenant, flow);
          await failsWith(work, 'invalid_response');
          assert.deepEqual(seen, [], String(address));
        }
      }
      assert.deepEqual(elsewhere.asked, []);
      assert.deepEqual(new Set(impostor.asked), new Set(['/.well-known/openid-configuration']));
    });
  }

  it('[T2] must hold what no sign-in can do without', async () => {
    for (const name of ['authorization_endpoint', 'token_endpoint']) {
      impostor.discovers({ [name]: undefined });
      await failsWith(discover(impostor.tenant()), 'invalid_response', new RegExp(name));
    }
    impostor.discovers({ revocation_endpoint: undefined });
    await failsWith(revoke(impostor.tenant(), 'x'), 'invalid_response');
  });

  it('[T2] is refused from another issuer, with both named, and the setting to change', async () => {
    for (const [issuer, shown] of [
      ['https://genuine.eu.auth0.com/', 'https://genuine.eu.auth0.com/'],
      [given.tenant.issuer, given.tenant.issuer],
      [impostor.domain.replace('http', 'https'), `${impostor.domain.replace('http', 'https')}/`],
      [`${impostor.domain}/path`, `${impostor.domain}/path`],
      [impostor.domain.replace('//', '//user@'), `${impostor.domain.replace('//', '//user@')}/`],
      ['\u001B[2Jevil\u202E', 'something that is no address of the web'],
      ['file:///etc/passwd', 'something that is no address of the web'],
    ] as const) {
      impostor.discovers({ issuer });
      await assert.rejects(discover(impostor.tenant()), {
        code: 'invalid_response',
        message: `${impostor.domain}/ says that it is ${shown}. Set AUTH0_DOMAIN to the domain where you mean to sign in.`,
      });
    }
  });

  it('[T2] may have an issuer without a slash at its end', async () => {
    impostor.discovers({ issuer: impostor.domain });
    assert.equal((await discover(impostor.tenant())).serverMetadata().issuer, impostor.domain);
  });

  it('[T2] is quoted in an error without control characters, at length, or as a link', async () => {
    for (const [address, said] of [
      ['\u001B]0;owned\u0007https://evil.example/', 'no address of the web'],
      [`https://evil.example/${'x'.repeat(1e5)}`, 'evil.example'],
      [`https://${'x.'.repeat(1e5)}example/`, 'x.x.x'],
      ['ms-msdt:/id', 'no address of the web'],
    ] as const) {
      impostor.discovers({ token_endpoint: address });
      await assert.rejects(discover(impostor.tenant()), ({ message }: Error) => {
        assert.doesNotMatch(message, /[\p{Cc}\p{Cf}]|https:|ms-msdt/u);
        return message.includes(said) && message.length < 1_000;
      });
    }
  });

  for (const [name, path, work] of [
    ['the discovery document', '/.well-known/openid-configuration', discover],
    ['the token endpoint', '/oauth/token', (tenant: Tenant) => refresh(tenant, 'a refresh token')],
    ['the revocation endpoint', '/oauth/revoke', (tenant: Tenant) => revoke(tenant, 'a refresh token')],
    [
      'the device endpoint',
      '/oauth/device/code',
      async (tenant: Tenant) => (await signIn(tenant, deviceCodeFlow)).work,
    ],
  ] as const) {
    it(`[T2] counts for nothing where ${name} redirects: a redirect is not followed`, async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const redirect = status;
        impostor.answer(path, (_request, response) => {
          response.writeHead(redirect, { location: `${elsewhere.domain}${path}` }).end();
        });
        await failsWith(work(impostor.tenant()), 'invalid_response');
      }
      assert.deepEqual(elsewhere.asked, []);
    });
  }

  it('[T2] is read to a megabyte and no further', async () => {
    impostor.answer('/.well-known/openid-configuration', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (response.write('{"x":"'.padEnd(65_536, 'x')));
      };
      response.on('drain', more);
      more();
    });
    await failsWith(discover(impostor.tenant()), 'invalid_response', /more than 1024 kB/);
  });

  for (const name of ['verification_uri', 'verification_uri_complete']) {
    it(`[T2] opens, prints and offers no ${name} but the tenant's own`, async () => {
      const { host, port } = new URL(impostor.domain);
      for (const address of [
        `${elsewhere.domain}/activate`,
        'https://evil.example/activate',
        `http://user@${host}/activate`,
        `http://127.0.0.1:${port}/activate`,
        `https://${host}/activate`,
        'file:///etc/passwd',
        'ms-msdt:/id PCWDiagnostic /skip force',
        'javascript:alert(1)',
        'vscode://evil.extension/run',
        '/activate',
      ]) {
        impostor.answer('/oauth/device/code', {
          device_code: 'D',
          user_code: 'ABCD-EFGH',
          verification_uri: `${impostor.domain}/activate`,
          expires_in: 600,
          interval: 1,
          [name]: address,
        });
        const { work, seen } = await signIn(impostor.tenant(), deviceCodeFlow);
        await failsWith(work, 'invalid_response', new RegExp(`"${name}"`));
        assert.deepEqual(seen, [], address);
      }
      assert.deepEqual(elsewhere.asked, []);
      assert.ok(!impostor.asked.includes('/oauth/token'), 'nobody waits for the code');
    });
  }

  it('[T2] is shown without control characters where it is a code to enter', async () => {
    impostor.answer('/oauth/device/code', {
      device_code: 'D',
      user_code: `AB\u001B[2J\u202E\n${'C'.repeat(500)}`,
      verification_uri: `${impostor.domain}/activate\u001B[2J`,
      expires_in: 600,
      interval: 1,
    });
    impostor.answer('/oauth/token', (_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"access_denied"}');
    });
    const { seen } = await signIn(impostor.tenant(), deviceCodeFlow);
    assert.ok(seen.length > 0);
    for (const text of seen) {
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]|C{100}/u);
      assert.doesNotMatch(text, /\\u001b|\\n/i);
    }
  });
});
