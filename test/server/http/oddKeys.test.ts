import assert from 'node:assert/strict';
import type { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { createVerifier } from '../../../src/auth/verify.ts';
import { createHttpApp, type HttpServerApp } from '../../../src/server/http/app.ts';
import { audience, callOf, useHttpApp } from './fixtures.ts';

type Answer = (response: ServerResponse) => void;

/** What no key can be had from. */
const odd: Record<string, Answer> = {
  'an error': response => response.writeHead(500).end('{"keys":[]}'),
  'no such page': response =>
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>'),
  'another address': response => response.writeHead(302, { location: '/elsewhere' }).end(),
  'a page': response => response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
  nothing: response => response.end(),
  'an empty object': response => response.end('{}'),
  null: response => response.end('null'),
  'a list': response => response.end('[]'),
  'keys that are no list': response => response.end('{"keys":{}}'),
  'keys that are none': response => response.end('{"keys":[1,null]}'),
  'no keys': response => response.end('{"keys":[]}'),
  'half of it': response => response.end('{"keys":[{"kty":"RSA"'),
  'far too much': response => response.end(`{"keys":[],"x":"${'x'.repeat(2_000_000)}"}`),
  'less than it says': response => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"keys":');
    setImmediate(() => response.destroy());
  },
  'the end of the connection': response => response.destroy(),
};

describe('a tenant over HTTP that answers oddly when it is asked for its keys', () => {
  const given = useHttpApp();
  const paths: string[] = [];
  let answer: Answer;
  const server = createServer(({ url = '' }, response) => {
    paths.push(url);
    answer(response);
  });
  const keys: { readonly jwk: JWK; readonly key: webcrypto.CryptoKey }[] = [];
  let issuer: string;

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    for (const kid of ['first', 'next']) {
      const { privateKey, publicKey } = await generateKeyPair('RS256');
      keys.push({ jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }, key: privateKey });
    }
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  const publish =
    (many: number): Answer =>
    response =>
      response.end(JSON.stringify({ keys: keys.slice(0, many).map(({ jwk }) => jwk) }));
  async function sign(index: number, sub: string): Promise<string> {
    const { jwk, key } = keys[index]!;
    return new SignJWT({ iss: issuer, aud: audience, sub, scope: 'omnispindle:read' })
      .setProtectedHeader({ alg: 'RS256', kid: jwk.kid! })
      .setExpirationTime('1h')
      .sign(key);
  }
  const start = () =>
    createHttpApp({
      ...given.options,
      verify: createVerifier({ ...given.tenant, domain: issuer, audience }, { seeksAtOnce: true }),
      issuer,
    });
  const call = async (app: HttpServerApp, index: number, sub = 'auth0|ada') =>
    app.fetch(callOf('whoami', {}, { token: await sign(index, sub) }));

  for (const [what, answered] of Object.entries(odd)) {
    it(`has a call come again, and refuses no token, where the answer is ${what}`, async () => {
      const app = start();
      try {
        answer = answered;
        const early = await call(app, 0);
        assert.equal(early.status, 503, await early.clone().text());
        assert.match(early.headers.get('retry-after') ?? '', /^\d+$/);
        assert.equal(early.headers.get('www-authenticate'), null);
        answer = publish(1);
        assert.equal((await call(app, 0)).status, 200);
        // Known keys go on counting, and nobody knows yet whose the others are.
        answer = answered;
        assert.equal((await call(app, 1)).status, 503);
        assert.equal((await call(app, 0, 'auth0|lin')).status, 200);
        assert.equal((await call(app, 0)).status, 200);
      } finally {
        await app.close();
      }
      assert.deepEqual([...new Set(paths.splice(0))], ['/.well-known/jwks.json']);
    });
  }
});
