import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { startTenant } from '../../tenant/tenant.ts';
import { audience, callOf, resultOf, useHttpApp, type Sent } from './fixtures.ts';

const metadataUrl = 'https://todos.example.com/.well-known/oauth-protected-resource/mcp';

describe('a request over HTTP', () => {
  const given = useHttpApp();
  const send = (sent: Sent, url?: string) => {
    const request = callOf('whoami', {}, sent);
    return given.app.fetch(url === undefined ? request : new Request(url, request));
  };
  const bearer = (authorization: string) => send({ headers: { authorization } });

  for (const era of ['2025', '2026'] as const) {
    it(`is answered as the account of its token, in the era of ${era}`, async () => {
      for (const sub of ['auth0|ada', 'auth0|lin']) {
        const token = await given.sign({ sub, name: 'Of the token', email: 'of@token.example' });
        const response = await send({ token, era });
        assert.equal(response.status, 200);
        assert.deepEqual((await resultOf(response))['structuredContent'], {
          sub,
          account: 'of@token.example',
          name: 'Of the token',
          email: 'of@token.example',
          scopes: ['omnispindle:read', 'omnispindle:write'],
        });
      }
    });

    it(`needs the scope of the tool that it calls, in the era of ${era}`, async () => {
      const todo = { description: 'Spin', project: 'wool' };
      const token = await given.sign({ scope: 'omnispindle:read' });
      const refused = await given.app.fetch(callOf('add_todo', todo, { token, era }));
      assert.equal(refused.status, 403);
      const challenge = refused.headers.get('www-authenticate') ?? '';
      assert.match(challenge, /^Bearer error="insufficient_scope"/);
      assert.match(challenge, /scope="omnispindle:write"/);
      assert.ok(challenge.includes(`resource_metadata="${metadataUrl}"`));
      const logged = given.log.lines.filter(line => line.includes('403'));
      assert.equal(logged.length, 1);
      assert.match(logged[0] ?? '', /403: add_todo: .*omnispindle:write/);
      assert.equal((await given.app.fetch(callOf('query_todos', {}, { token, era }))).status, 200);
      const writes = await given.sign({ scope: 'openid omnispindle:write' });
      assert.equal((await given.app.fetch(callOf('add_todo', todo, { token: writes, era }))).status, 200);
    });
  }

  it('without credentials is told where to get some, and of no error', async () => {
    for (const response of [
      await send({}),
      await bearer(''),
      await bearer('Basic YWRhOnB3'),
      await bearer('Digest username="ada"'),
      await bearer('Bearerx abc'),
    ]) {
      assert.equal(response.status, 401);
      assert.equal(
        response.headers.get('www-authenticate'),
        `Bearer scope="omnispindle:read omnispindle:write", resource_metadata="${metadataUrl}"`,
      );
    }
  });

  it('with credentials that are malformed, or several, is a wrong request', async () => {
    const token = await given.sign();
    for (const response of [
      await bearer('Bearer'),
      await bearer('Bearer a b'),
      await bearer('Bearer "abc"'),
      await bearer(`Bearer ${token}, Bearer ${token}`),
      await bearer(`Basic YWRhOnB3, Bearer ${token}`),
      await bearer(`Bearer ${'a'.repeat(100_000)}`),
      await send({}, `${audience}?access_token=${token}`),
      await send({ token }, `${audience}?access_token=${token}`),
    ]) {
      assert.equal(response.status, 400);
      assert.match(
        response.headers.get('www-authenticate') ?? '',
        /^Bearer error="invalid_request", error_d/,
      );
    }
  });

  it('with a token that is not for this server, or none any more, is refused with the reason', async () => {
    const now = Math.floor(Date.now() / 1000);
    const another = await startTenant();
    const [publicKey = {}] = (
      (await (await fetch(`${given.tenant.domain}/.well-known/jwks.json`)).json()) as {
        keys: { n?: string; kid?: string }[];
      }
    ).keys;
    const symmetric = new SignJWT({ sub: 'auth0|ada', iss: given.tenant.issuer, aud: audience })
      .setProtectedHeader({ alg: 'HS256', ...(publicKey.kid !== undefined && { kid: publicKey.kid }) })
      .setExpirationTime('1h');
    const stolen = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: 'auth0|ada', iss: given.tenant.issuer, aud: audience, exp: now + 600 };
    try {
      const wrong: Record<string, string> = {
        expired: await given.sign({ iat: now - 7_200, exp: now - 3_600 }),
        'not yet valid': await given.sign({ nbf: now + 3_600 }),
        'of another issuer': await given.sign({ iss: 'https://other.example/' }),
        'for another API': await given.sign({ aud: 'https://todos.example.com' }),
        'for the origin alone': await given.sign({ aud: 'https://todos.example.com/' }),
        'for no API': await given.sign({ aud: [] as string[] }),
        'of nobody': await given.sign({ sub: '' }),
        'without an end': await given.sign({ exp: undefined as never }),
        'an ID token': await given.sign({ aud: given.tenant.clientId, nonce: 'n' }),
        'an ID token for this API': await given.sign({ nonce: 'n' }),
        'a logout token': await given.sign({ events: {} }, { typ: 'logout+jwt' }),
        'of another tenant': await another.sign({ aud: audience }),
        'of another tenant that says it is ours': await another.sign({
          aud: audience,
          iss: given.tenant.issuer,
        }),
        'with the key’s name, by another key': await new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', kid: 'tenant-1' })
          .sign(stolen),
        'with its own key': await new SignJWT(claims)
          .setProtectedHeader({ alg: 'RS256', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } })
          .sign(stolen),
        unsigned: `${part({ alg: 'none' })}.${part(claims)}.`,
        'unsigned, in capitals': `${part({ alg: 'NONE', kid: 'tenant-1' })}.${part(claims)}.`,
        'signed with the public key': await symmetric.sign(Buffer.from(publicKey.n ?? '')),
        'with a critical extension': await given.sign({}, { crit: ['exp'], exp: 1 }),
        opaque: randomBytes(32).toString('base64url'),
        'a JWE': `${part({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
        'two parts': 'abc.def',
        'cut off': (await given.sign()).slice(0, -8),
        changed: (await given.sign()).replace(/\.[^.]+\./, `.${part({ ...claims, sub: 'auth0|lin' })}.`),
      };
      for (const [what, token] of Object.entries(wrong)) {
        const response = await send({ token });
        assert.equal(response.status, 401, what);
        const challenge = response.headers.get('www-authenticate') ?? '';
        assert.match(
          challenge,
          /^Bearer error="invalid_token", error_description="[ !#-[\]-~]{10,300}", scope/,
          what,
        );
        assert.ok(challenge.includes(`resource_metadata="${metadataUrl}"`), what);
        const said = challenge + (await response.text()) + given.log.lines.join('\n');
        for (const secret of token.split('.')) assert.ok(secret.length < 8 || !said.includes(secret), what);
      }
    } finally {
      await another.close();
    }
  });

  it('with a token that is not for this server is told what its person, or the tenant’s, can do', async () => {
    const opaque = randomBytes(32).toString('base64url');
    const wrong: [token: string, advice: RegExp][] = [
      [opaque, /not a JWT for an API.*sign in again.*Resource Parameter Compatibility Profile/i],
      [await given.sign({ aud: 'https://other.example' }), /sign in again.*identifier/i],
      [await given.sign({ iss: 'https://other.example/' }), /sign in again/i],
      [await given.sign({ exp: 1 }), /sign in again/i],
      [await given.sign({ nonce: 'n' }), /sign in/i],
    ];
    for (const [token, advice] of wrong) {
      const response = await send({ token });
      const { error_description: said } = (await response.json()) as { error_description: string };
      assert.match(said, advice);
      const challenge = response.headers.get('www-authenticate') ?? '';
      for (const text of [said, challenge]) {
        // Who reads this has none of the server's settings.
        assert.doesNotMatch(text, /AUTH0_|omnispindle\.auth0|--organization|"omnispindle /);
      }
      const whole = /error_description="([^"]*)"/.exec(challenge)?.[1] ?? '';
      assert.match(whole, /\.$/, 'is cut off');
      assert.ok(
        given.log.lines.some(line => line.includes(said)),
        'the log says it, too',
      );
    }
  });

  it('without the scope of a tool is told what to do, in a header of ASCII', async () => {
    const token = await given.sign({ scope: 'openid' });
    const refused = await given.app.fetch(callOf('query_todos', {}, { token }));
    const description = /error_description="([ !#-[\]-~]+)"/.exec(
      refused.headers.get('www-authenticate') ?? '',
    );
    assert.match(description?.[1] ?? '', /omnispindle:read.*Sign in again, and allow it.*ask whoever/);
  });

  it('is refused once the key of its token is withdrawn, and passes with the next one', async () => {
    const before = await given.sign();
    given.tenant.rotateKeys();
    given.tenant.withdrawKeys();
    assert.equal((await send({ token: before })).status, 401);
    assert.equal((await send({ token: await given.sign() })).status, 200);
  });

  it('passes for as long as known keys count while the tenant is down, and waits without keys', async () => {
    given.tenant.setMode('down');
    const token = await given.sign();
    const early = await send({ token });
    assert.equal(early.status, 503);
    assert.ok(Number(early.headers.get('retry-after')) > 0);
    assert.equal(early.headers.get('www-authenticate'), null);
    given.tenant.setMode('normal');
    assert.equal((await send({ token })).status, 200);
    given.tenant.setMode('down');
    assert.equal((await send({ token })).status, 200);
    assert.equal((await send({ token: await given.sign({ sub: 'auth0|lin' }) })).status, 200);
    // Nobody can say yet whether these are the tenant's.
    given.tenant.rotateKeys();
    for (let i = 0; i < 2; i++) assert.equal((await send({ token: await given.sign() })).status, 503);
  });

  it('asks the tenant for an unknown key once, however many come', async () => {
    const forged = await Promise.all(
      Array.from({ length: 200 }, (_, i) => given.sign({}, { kid: `unknown-${String(i)}` })),
    );
    const before = given.tenant.counters()['jwks'] ?? 0;
    const answers = await Promise.all(forged.map(token => send({ token })));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
    assert.equal((given.tenant.counters()['jwks'] ?? 0) - before, 1);
  });
});
