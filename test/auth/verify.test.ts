import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mock } from 'node:test';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { isAuthError } from '../../src/auth/errors.ts';
import { createVerifier } from '../../src/auth/verify.ts';
import { useTenant } from '../tenant/useTenant.ts';

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
      error => isAuthError(error, 'invalid_token') && saying.test(error.message),
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
    const identity = await verify(await given.tenant.sign({ scope: 'openid email' }));
    assert.equal(identity.sub, 'auth0|ada');
    assert.deepEqual(identity.scopes, ['openid', 'email']);
    assert.ok(identity.expiresAt > Date.now());
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
      const identity = await verify(await given.tenant.sign({ iat, exp: iat + 10 }), receivedAt);
      assert.equal(identity.expiresAt, receivedAt + 10_000);
    }
  });
  it("refuses a token that ended by the tenant's own clock, whatever the skew", async () => {
    for (const skew of [300, -300]) {
      const iat = seconds() + skew - 200;
      await refuses(await given.tenant.sign({ iat, exp: iat + 100 }), /has expired/, Date.now() - 200_000);
    }
  });
  it('[T3] leaves the audience to others where it is told to, names it, and checks the rest all the same', async () => {
    const lenient = createVerifier(given.tenant, { audience: 'any' });
    const aud = ['https://other.example', 'https://another.example'];
    assert.deepEqual((await lenient(await given.tenant.sign({ aud }))).audience, aud);
    assert.deepEqual((await lenient(await given.tenant.sign({}))).audience, [given.tenant.audience]);
    for (const claims of [{ iss: 'https://evil.example/' }, { exp: seconds() - 600 }]) {
      await assert.rejects(lenient(await given.tenant.sign({ aud, ...claims })), { code: 'invalid_token' });
    }
    await refuses(await given.tenant.sign({ aud }), /not for the API/);
  });
  it('makes up for no more: an arrival that cannot be true does not revive a token', async () => {
    const iat = seconds() - 7_200;
    await refuses(await given.tenant.sign({ iat, exp: iat + 3_600 }), /has expired/, Date.now());
    await refuses(await given.tenant.sign({ iat, exp: iat + 3_600 }), /has expired/, Number.MAX_SAFE_INTEGER);
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
    const pem = await exportSPKI((await importJWK(keys[0]!, 'RS256')) as CryptoKey);
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
      isAuthError(error, 'tenant_unreachable'),
    );
  });
});
