import assert from 'node:assert/strict';
import { createHmac, type webcrypto } from 'node:crypto';
import { mock } from 'node:test';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import * as client from 'openid-client';
import { AuthError } from '../../src/auth/authError.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import type { Tenant } from '../../src/auth/tenant.ts';
import { createVerifier } from '../../src/auth/verify.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { startImpostor } from '../tenant/impostor.ts';
import { useTenant } from '../tenant/useTenant.ts';

/** A sign-in as an application of another's would do it, for the sake of the ID token. */
async function idTokenOf(
  tenant: Tenant,
): Promise<{ url: string; redeem(callback: string): Promise<string> }> {
  const configuration = await client.discovery(
    new URL(tenant.domain),
    tenant.clientId,
    undefined,
    client.None(),
    { execute: [client.allowInsecureRequests] },
  );
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: 'vscode://omnispindle.omnispindle/callback',
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: 'S',
  });
  return {
    url: url.href,
    async redeem(callback) {
      const checks = { pkceCodeVerifier, expectedState: 'S', idTokenExpected: true };
      return (await client.authorizationCodeGrant(configuration, new URL(callback), checks)).id_token ?? '';
    },
  };
}

describe('the verification of access tokens', () => {
  const given = useTenant();
  let verify: ReturnType<typeof createVerifier>;
  const seconds = () => Math.floor(Date.now() / 1000);

  beforeEach(() => {
    verify = createVerifier(given.tenant);
  });

  async function refuses(token: string, saying: RegExp, receivedAt?: number): Promise<void> {
    await assert.rejects(
      verify(token, receivedAt),
      error => isOmnispindleError(error, 'invalid_token') && saying.test(error.message),
    );
  }

  /** Does it when the cool-down between two fetches of the keys is over. */
  async function later(work: () => Promise<void>): Promise<void> {
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 6_000 });
    try {
      await work();
    } finally {
      mock.timers.reset();
    }
  }

  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('accepts a token of the tenant for the API, and says whose it is', async () => {
    const checked = await verify(await given.tenant.sign({ scope: 'openid email' }));
    assert.equal(checked.sub, 'auth0|ada');
    assert.deepEqual(checked.scopes, ['openid', 'email']);
    assert.ok(checked.expiresAt > Date.now());
  });

  it('refuses another issuer', async () => {
    await refuses(await given.tenant.sign({ iss: 'https://evil.example/' }), /not issued by/);
  });
  it('refuses another audience', async () => {
    await refuses(await given.tenant.sign({ aud: 'https://other.example/' }), /not for the API/);
  });
  it('forgives an expiry of less than 60 s ago, and no more', async () => {
    await verify(await given.tenant.sign({ exp: seconds() - 30 }));
    await refuses(await given.tenant.sign({ exp: seconds() - 90 }), /has expired/);
  });
  it('makes up for five minutes of skew, known from when the token arrived, either way', async () => {
    for (const skew of [299, -299]) {
      const receivedAt = Date.now();
      const iat = Math.floor(receivedAt / 1000) + skew;
      const checked = await verify(await given.tenant.sign({ iat, exp: iat + 10 }), receivedAt);
      assert.equal(checked.expiresAt, receivedAt + 10_000);
    }
  });
  it("refuses a token that ended by the tenant's own clock, whatever the skew", async () => {
    for (const skew of [300, -300]) {
      const iat = seconds() + skew - 200;
      await refuses(await given.tenant.sign({ iat, exp: iat + 100 }), /has expired/, Date.now() - 200_000);
    }
  });
  it('[T3] leaves the audience to others where it is told to, names it, and checks the rest anyway', async () => {
    const lenient = createVerifier(given.tenant, { audience: 'any' });
    const aud = ['https://other.example', 'https://another.example'];
    assert.deepEqual((await lenient(await given.tenant.sign({ aud }))).audience, aud);
    assert.deepEqual((await lenient(await given.tenant.sign({}))).audience, [given.tenant.audience]);
    for (const claims of [{ iss: 'https://evil.example/' }, { exp: seconds() - 600 }]) {
      await assert.rejects(lenient(await given.tenant.sign({ aud, ...claims })), { code: 'invalid_token' });
    }
    await refuses(await given.tenant.sign({ aud }), /not for the API/);
  });
  it('makes up for no more than that: an impossible time of arrival does not revive a token', async () => {
    const iat = seconds() - 7_200;
    await refuses(await given.tenant.sign({ iat, exp: iat + 3_600 }), /has expired/, Date.now());
    await refuses(await given.tenant.sign({ iat, exp: iat + 3_600 }), /has expired/, Number.MAX_SAFE_INTEGER);
  });
  it('[T12] refuses what is over by more than five minutes, whatever the receipt time says, tolerance included', async () => {
    const received = [
      undefined,
      0,
      Date.now() - 3_600_000,
      Date.now(),
      Date.now() + 300_000,
      Date.now() + 1e9,
    ];
    for (const receivedAt of [...received, Number.MAX_SAFE_INTEGER, -1e15, NaN]) {
      const now = seconds();
      for (const iat of [now - 3_600, now - 302, now - 600, now + 300]) {
        await refuses(await given.tenant.sign({ iat, exp: now - 301 }), /has expired/, receivedAt);
      }
    }
  });
  it('[T12] says until when a check counts: never more than five minutes beyond the end', async () => {
    const receivedAt = Date.now();
    for (const [skew, longest] of [
      [0, 60],
      [-200, 260],
      [-299, 300],
      [-390, 300],
      [299, -239],
    ] as const) {
      const iat = seconds() + skew;
      const exp = iat + 400;
      if (exp < seconds()) continue;
      const { countsUntil = Infinity } = await verify(await given.tenant.sign({ iat, exp }), receivedAt);
      assert.ok(
        countsUntil <= (exp + longest + 1) * 1000,
        `${String(skew)}: ${String(countsUntil / 1000 - exp)}`,
      );
    }
  });
  it('[T12] refuses what is yet to come by more than five minutes, whatever the receipt time says', async () => {
    for (const receivedAt of [undefined, 0, Date.now(), Date.now() + 1e9]) {
      for (const claims of [
        { nbf: seconds() + 310 },
        { iat: seconds() + 310 },
        { iat: seconds() + 310, nbf: seconds() + 310 },
        { iat: 1e15, exp: 2e15 },
      ]) {
        await refuses(
          await given.tenant.sign({ exp: seconds() + 3_600, ...claims }),
          /not valid yet/,
          receivedAt,
        );
      }
    }
    await verify(await given.tenant.sign({ nbf: seconds() + 30, iat: seconds() + 200 }));
  });
  it('[T12] refuses times that are no numbers', async () => {
    for (const claims of [{ exp: '9999999999' }, { nbf: '0' }, { iat: '0' }, { exp: null }, { iat: null }]) {
      await refuses(await given.tenant.sign(claims as never), /not valid|not a JWT/);
    }
  });
  it('refuses a token without an expiry or a subject', async () => {
    await refuses(await given.tenant.sign({ exp: undefined as never }), /exp/);
    await refuses(await given.tenant.sign({ sub: undefined as never }), /sub/);
  });
  it('refuses the algorithm none', async () => {
    const [, payload = ''] = (await given.tenant.sign({})).split('.');
    await refuses(`${part({ alg: 'none' })}.${payload}.`, /RS256|not a JWT/);
  });
  it('refuses HS256 with the public key as its secret', async () => {
    const { keys } = (await (await fetch(`${given.tenant.issuer}.well-known/jwks.json`)).json()) as {
      keys: JWK[];
    };
    const pem = await exportSPKI((await importJWK(keys[0]!, 'RS256')) as webcrypto.CryptoKey);
    const [, payload = ''] = (await given.tenant.sign({})).split('.');
    const signed = `${part({ alg: 'HS256', kid: keys[0]?.kid })}.${payload}`;
    await refuses(`${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`, /RS256/);
  });
  it('fetches the keys again once for an unknown key, and then refuses it', async () => {
    await verify(await given.tenant.sign({}));
    given.tenant.resetCounters();
    const { privateKey } = await generateKeyPair('RS256');
    const forged = () =>
      new SignJWT({
        sub: 'auth0|ada',
        iss: given.tenant.issuer,
        aud: given.tenant.audience,
        exp: seconds() + 60,
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'forged' })
        .sign(privateKey);
    const refuseFive = async () => {
      for (let i = 0; i < 5; i++) await refuses(await forged(), /not signed by a key/);
    };
    // Within the cool-down nothing is fetched, so that forged tokens cannot make us flood the tenant.
    await refuseFive();
    assert.equal(given.tenant.counters()['jwks'], undefined);
    await later(refuseFive);
    assert.equal(given.tenant.counters()['jwks'], 1);
  });
  it('fetches the keys again once where the tenant signs with a new one', async () => {
    await verify(await given.tenant.sign({}));
    given.tenant.rotateKeys();
    given.tenant.resetCounters();
    await later(async () => {
      assert.equal((await verify(await given.tenant.sign({}))).sub, 'auth0|ada');
      await verify(await given.tenant.sign({}));
    });
    assert.equal(given.tenant.counters()['jwks'], 1);
  });
  it('refuses a forged signature under a known key', async () => {
    const [header, payload, signature = ''] = (await given.tenant.sign({})).split('.');
    await refuses(
      `${header ?? ''}.${payload ?? ''}.${signature.split('').reverse().join('')}`,
      /not signed by a key/,
    );
  });
  it('[T12] lets the type say what an access token is called, in any spelling, and nothing else', async () => {
    for (const typ of [
      'JWT',
      'jwt',
      'at+jwt',
      'AT+JWT',
      'application/at+jwt',
      'Application/AT+jwt',
      undefined,
    ]) {
      assert.equal((await verify(await given.tenant.sign({}, { typ }))).sub, 'auth0|ada');
    }
    for (const typ of [
      'dpop+jwt',
      'secevent+jwt',
      'id_token+jwt',
      'refresh+jwt',
      'at',
      '',
      ' JWT',
      'JWT, at+jwt',
    ]) {
      await refuses(await given.tenant.sign({}, { typ }), /of the type ".*", which is no access token/);
    }
    for (const typ of [null, 1, ['JWT'], {}]) {
      await refuses(await given.tenant.sign({}, { typ }), /no access token|not a JWT/);
    }
    const long = `\u001B[2J${'x'.repeat(10_000)}`;
    await assert.rejects(verify(await given.tenant.sign({}, { typ: long })), ({ message }: Error) => {
      assert.doesNotMatch(message, /\p{Cc}/u);
      return message.length < 400;
    });
  });
  for (const [kind, claims, header] of [
    ['an ID token', { aud: 'demo-native-client' }, { typ: 'JWT' }],
    ['an ID token', { aud: ['demo-native-client'] }, {}],
    ['an ID token', { aud: ['https://api.demo.omnispindle.example/', 'demo-native-client'] }, {}],
    ['an ID token', { nonce: 'N' }, { typ: 'JWT' }],
    ['an ID token', { at_hash: 'H' }, { typ: 'at+jwt' }],
    ['an ID token', { c_hash: 'H' }, {}],
    ['a logout token', {}, { typ: 'logout+jwt' }],
    ['a logout token', {}, { typ: 'application/logout+jwt' }],
    [
      'a logout token',
      { aud: 'demo-native-client', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
      { typ: 'JWT' },
    ],
  ] as const) {
    it(`[T12] refuses ${kind}, by that name, any audience or not: ${JSON.stringify([claims, header])}`, async () => {
      const lenient = createVerifier(given.tenant, { audience: 'any' });
      const token = await given.tenant.sign(claims as never, header);
      await refuses(token, new RegExp(`This is ${kind}`));
      await assert.rejects(lenient(token), { code: 'invalid_token', message: new RegExp(`This is ${kind}`) });
    });
  }
  it('[T12] refuses the ID token of a real sign-in, any audience or not', async () => {
    const { url, redeem } = await idTokenOf(given.tenant);
    const idToken = await redeem((await signInByForm(url)).url);
    for (const check of [verify, createVerifier(given.tenant, { audience: 'any' })]) {
      await assert.rejects(check(idToken), { code: 'invalid_token', message: /This is an ID token/ });
    }
  });
  for (const crit of [['exp'], ['b64'], ['http://example.com/unknown'], [], 'b64', [''], [1]]) {
    it(`[T12] refuses what "crit" asks for: ${JSON.stringify(crit)}`, async () => {
      const [, payload = ''] = (await given.tenant.sign({})).split('.');
      const header = {
        alg: 'RS256',
        kid: 'tenant-1',
        crit,
        b64: true,
        exp: 1,
        'http://example.com/unknown': 1,
      };
      await refuses(`${part(header)}.${payload}.c2ln`, /"crit"/);
    });
  }
  it('[T12] refuses a properly signed token whose "crit" names what is not known', async () => {
    await refuses(await given.tenant.sign({}, { crit: ['urn:x'], 'urn:x': 1 }), /"crit"/);
  });
  it('[T12] blames the token and not the network for whatever is wrong with the token', async () => {
    const sign = given.tenant.sign;
    const right = await sign({});
    const [header = '', payload = '', signature = ''] = right.split('.');
    given.tenant.rotateKeys();
    const fresh = createVerifier(given.tenant);
    for (const token of [
      `${part({ alg: 'RS256' })}.${payload}.${signature}`,
      `${part({ alg: 'RS256', kid: 7 })}.${payload}.${signature}`,
      `${part({ alg: 'PS256', kid: 'tenant-1' })}.${payload}.${signature}`,
      `${part({ alg: 'dir', enc: 'A256GCM' })}...${signature}.x`,
      `${part({ kid: 'tenant-1' })}.${payload}.${signature}`,
      `${header}.${part('a text')}.${signature}`,
      `${header}.${part(null)}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.*`,
      `${header}.${payload}.${signature}.`,
      `.${payload}.${signature}`,
      await sign({ sub: 7 as never }),
      await sign({ sub: '' }),
      await sign({ aud: 7 as never }),
      await sign({ scope: ['openid'] }),
      await sign({ iss: ['https://evil.example/'] as never }),
      await sign({ iss: undefined as never }),
    ]) {
      await assert.rejects(fresh(token), { code: 'invalid_token' }, token.slice(0, 80));
    }
  });
  it('[T12] blames the keys and not the token where they are garbage', async () => {
    const impostor = await startImpostor();
    try {
      const token = await given.tenant.sign({ iss: `${impostor.domain}/` });
      const kid = 'tenant-1';
      for (const keys of [
        {},
        { keys: 'none' },
        { keys: [null] },
        { keys: [{ kty: 'RSA', kid, alg: 'RS256', use: 'sig', n: '!', e: '!' }] },
        { keys: [{ kty: 'RSA', kid, alg: 'RS256', use: 'sig' }] },
      ]) {
        impostor.answer('/.well-known/jwks.json', keys);
        await assert.rejects(createVerifier(impostor.tenant())(token), AuthError, JSON.stringify(keys));
      }
      impostor.answer('/.well-known/jwks.json', (_request, response) => {
        response.writeHead(302, { location: `${given.tenant.domain}/.well-known/jwks.json` }).end();
      });
      given.tenant.resetCounters();
      await assert.rejects(createVerifier(impostor.tenant())(token), { code: 'tenant_unreachable' });
      assert.equal(given.tenant.counters()['jwks'], undefined, 'the redirect is not followed');
    } finally {
      await impostor.close();
    }
  });
  for (const text of ['', 'opaque', 'a.b.c', `${part({ alg: 'RS256' })}.!.x`]) {
    it(`refuses what is no JWT: "${text}"`, async () => {
      await refuses(text, /not a JWT|not valid|not signed/);
    });
  }
  it('goes on with the keys it has while the tenant is down, and says so where it has none', async () => {
    await verify(await given.tenant.sign({}));
    given.tenant.setMode('down');
    await verify(await given.tenant.sign({ sub: 'auth0|other' }));
    await assert.rejects(createVerifier(given.tenant)(await given.tenant.sign({})), error =>
      isOmnispindleError(error, 'tenant_unreachable'),
    );
  });
});
