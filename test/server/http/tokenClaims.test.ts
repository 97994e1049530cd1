import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { audience, callOf, useHttpApp } from './fixtures.ts';

type Claims = Record<string, unknown>;

describe('a token over HTTP whose signature is right', () => {
  const given = useHttpApp();
  const now = () => Math.floor(Date.now() / 1000);
  const sign = (claims: Claims, header?: Claims) => given.sign(claims, header);
  const send = (token: string) => given.app.fetch(callOf('whoami', {}, { token, era: '2025' }));

  async function refuses(what: string, token: string, saying = /./): Promise<void> {
    const response = await send(token);
    assert.equal(response.status, 401, what);
    assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token", /, what);
    const { error, error_description: said } = (await response.json()) as Record<string, string>;
    assert.equal(error, 'invalid_token', what);
    assert.match(said ?? '', saying, what);
  }

  it('is refused where a claim is not of its kind, and the claim is named', async () => {
    const wrong: [string, Claims][] = [
      ['exp', { exp: String(now() + 600) }],
      ['exp', { exp: null }],
      ['exp', { exp: undefined }],
      ['nbf', { nbf: 'soon' }],
      ['iat', { iat: 'now' }],
      ['sub', { sub: 5 }],
      ['sub', { sub: '' }],
      ['sub', { sub: undefined }],
      ['sub', { sub: ['auth0|ada'] }],
      ['scope', { scope: ['omnispindle:read'] }],
      ['scope', { scope: null }],
      ['scope', { scope: 7 }],
      ['name', { name: 7 }],
      ['email', { email: null }],
    ];
    for (const [claim, claims] of wrong) {
      await refuses(JSON.stringify(claims), await sign(claims), new RegExp(`"${claim}" is missing or wrong`));
    }
  });

  it('is refused where its account could not be told from another one in a database', async () => {
    for (const sub of ['auth0|a\0da', 'auth0|\ud800', 'auth0|\udfff', 'auth0|ada\n', '\u007f']) {
      await refuses(JSON.stringify(sub), await sign({ sub }), /"sub" is missing or wrong/);
    }
    assert.equal((await send(await sign({ sub: 'samlp|Wärme|ада 🧵' }))).status, 200);
  });

  it('is refused for another API or issuer, however alike it is', async () => {
    for (const aud of [
      `${audience}/`,
      audience.toUpperCase(),
      'https://TODOS.example.com/mcp',
      'https://todos.example.com:443/mcp',
      'http://todos.example.com/mcp',
      `${audience}?x`,
      ` ${audience}`,
      [[audience]],
      { 0: audience },
      7,
      null,
      undefined,
      [],
      '',
    ]) {
      await refuses(JSON.stringify(aud) ?? 'none', await sign({ aud }), /not for the API/);
    }
    const { issuer } = given.tenant;
    for (const iss of [issuer.slice(0, -1), issuer.toUpperCase(), `${issuer}/`, [issuer], undefined, null]) {
      await refuses(JSON.stringify(iss) ?? 'none', await sign({ iss }));
    }
  });

  it('is refused where it is over, or yet to come, by more than clocks differ', async () => {
    for (const exp of [now() - 90, 0, -1, -1e300]) {
      await refuses(String(exp), await sign({ exp }), /has expired/);
    }
    for (const claims of [{ nbf: now() + 120 }, { iat: now() + 400 }, { nbf: 1e300 }]) {
      await refuses(JSON.stringify(claims), await sign(claims), /not valid yet/);
    }
    for (const claims of [{ exp: now() - 30 }, { exp: now() + 600.5 }, { exp: 1e300 }, { nbf: now() + 30 }]) {
      assert.equal((await send(await sign(claims))).status, 200, JSON.stringify(claims));
    }
  });

  it('is refused where it is bound to a key, which nobody can show here (RFC 9449, RFC 8705)', async () => {
    for (const cnf of [
      { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' },
      { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
      { kid: 'k' },
      {},
      null,
    ]) {
      await refuses(JSON.stringify(cnf), await sign({ cnf }), /"cnf"/);
    }
  });

  it('is refused for another kind by its type, and taken with the types of access tokens', async () => {
    for (const typ of ['dpop+jwt', 'id+jwt', 'secevent+jwt', 'logout+jwt', 'rt+jwt', 'JWE', 'at', '', 5]) {
      await refuses(String(typ), await sign({}, { typ }));
    }
    for (const typ of ['JWT', 'at+jwt', 'AT+JWT', 'application/at+jwt', undefined]) {
      assert.equal((await send(await sign({}, { typ }))).status, 200, typ);
    }
  });

  it('counts for its account, whoever the tenant gave it to, with what else is in it', async () => {
    for (const claims of [
      { aud: ['https://tenant.example/userinfo', audience] },
      { sub: 'abc123@clients', azp: 'abc123', gty: 'client-credentials' },
      { azp: 'another-client' },
      { client_id: 'another-client', jti: 'x', org_id: 'org_1', permissions: ['omnispindle:read'] },
      { act: { sub: 'service' }, 'https://example.com/roles': ['admin'] },
    ]) {
      const response = await send(await sign(claims));
      assert.equal(response.status, 200, JSON.stringify(claims));
      const { result } = (await response.json()) as { result: { structuredContent: { sub: string } } };
      assert.equal(result.structuredContent.sub, 'sub' in claims ? claims.sub : 'auth0|ada');
    }
  });

  it('allows by its scopes alone, each as it is written', async () => {
    for (const claims of [
      { scope: undefined, permissions: ['omnispindle:read', 'omnispindle:write'] },
      { scope: undefined, scp: ['omnispindle:write'] },
      { scope: 'omnispindle:read' },
      { scope: 'OMNISPINDLE:WRITE' },
      { scope: 'omnispindle:writer xomnispindle:write omnispindle:*' },
      { scope: 'omnispindle:read\tomnispindle:write' },
      { scope: 'omnispindle:read,omnispindle:write' },
      { scope: '' },
    ]) {
      const token = await sign(claims);
      const todo = { description: 'Spin', project: 'wool' };
      const refused = await given.app.fetch(callOf('add_todo', todo, { token }));
      assert.equal(refused.status, 403, JSON.stringify(claims));
      assert.match(refused.headers.get('www-authenticate') ?? '', /scope="omnispindle:write"/);
    }
    const token = await sign({ scope: ' openid  omnispindle:write  omnispindle:write ' });
    const added = await given.app.fetch(callOf('add_todo', { description: 'x', project: 'y' }, { token }));
    assert.equal(added.status, 200);
  });

  it('is refused in any other spelling than its own, which says the same to who reads loosely', async () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const token = await sign({});
    const last = letters.indexOf(token.at(-1)!);
    for (const other of [
      `${token}=`,
      `${token}==`,
      `${token}A`,
      token.replaceAll('-', '+').replaceAll('_', '/') + '==',
      // The last letter of a signature of 256 bytes holds two bits of it.
      ...[1, 2, 3].map(more => token.slice(0, -1) + letters[(last & 0b110000) | ((last + more) & 0b1111)]!),
      `${token}.`,
    ]) {
      await refuses(other.slice(-4), other);
    }
    assert.equal((await send(token)).status, 200);
  });

  it('is not looked for where its own header says, and never by a name that is a path', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = publicKey.export({ format: 'jwk' });
    const claims = { sub: 'auth0|ada', iss: given.tenant.issuer, aud: audience, exp: now() + 600 };
    const before = given.tenant.counters();
    for (const header of [
      { jku: `${given.tenant.issuer}elsewhere/jwks.json` },
      { x5u: `${given.tenant.issuer}elsewhere/certificate.pem` },
      { jwk },
      { x5c: ['AAAA'] },
      { kid: '../../../etc/passwd' },
      { kid: `${given.tenant.issuer}.well-known/jwks.json` },
      { kid: "' OR 1=1 --" },
      { kid: '__proto__' },
      { kid: '' },
    ]) {
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'tenant-1', ...header })
        .sign(privateKey);
      await refuses(JSON.stringify(header), forged, /not signed by a key/);
    }
    const asked = Object.keys(given.tenant.counters()).filter(name => !(name in before) && name !== 'jwks');
    assert.deepEqual(asked, []);
  });
});
