import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redact } from '../../src/common/redact.ts';

/** Names of secrets in every style; the forms below are for all of them. */
const names = [
  'access_token',
  'accessToken',
  'ACCESS_TOKEN',
  'access-token',
  'refresh_token',
  'refreshToken',
  'id_token',
  'idToken',
  'client_secret',
  'clientSecret',
  'code_verifier',
  'codeVerifier',
  'device_code',
  'deviceCode',
  'api_key',
  'apiKey',
  'API_KEY',
  'password',
  'dbPassword',
  'AUTH0_TOKEN',
  'GITHUB_TOKEN',
  'OMNISPINDLE_BROKER_KEY',
  'client_assertion',
  'authorization',
  'Authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'token',
  'secret',
  'code',
];

/** Ways in which a name and its secret come. */
const forms: Record<string, (name: string, secret: string) => string> = {
  JSON: (name, secret) => JSON.stringify({ a: 1, [name]: secret, b: 'c' }),
  'JSON over lines': (name, secret) => JSON.stringify({ a: 1, [name]: secret }, null, 2),
  'JSON in JSON': (name, secret) => JSON.stringify({ body: JSON.stringify({ [name]: secret, b: 'c' }) }),
  'JSON in JSON in JSON': (name, secret) =>
    JSON.stringify([JSON.stringify({ body: JSON.stringify({ [name]: secret }, null, 1) })]),
  'JSON in a query': (name, secret) => `/?q=${encodeURIComponent(JSON.stringify({ [name]: secret }))}&x=y`,
  'JSON in JSON in a query': (name, secret) =>
    `/?q=${encodeURIComponent(JSON.stringify({ body: JSON.stringify({ [name]: secret }, null, 2) }))}`,
  'JSON twice encoded': (name, secret) =>
    encodeURIComponent(encodeURIComponent(JSON.stringify({ [name]: secret }))),
  'JSON in HTML': (name, secret) => JSON.stringify({ [name]: secret }).replaceAll('"', '&quot;'),
  'what Node.js shows': (name, secret) => `{ a: [Object], '${name}': '${secret}', b: 1 }`,
  'what Node.js shows of a short name': (name, secret) => `{ ${name}: '${secret}' }`,
  'a map': (name, secret) => `Map(1) { '${name}' => '${secret}' }`,
  'a query': (name, secret) => `GET /callback?a=b&${name}=${secret}&state=x`,
  'a first field': (name, secret) => `${name}=${secret}&state=x`,
  'a fragment': (name, secret) => `https://x.example/#${name}=${secret}&state=x`,
  'an encoded query': (name, secret) => encodeURIComponent(`https://x.example/?a=b&${name}=${secret}&c=d`),
  'a query twice encoded': (name, secret) =>
    encodeURIComponent(encodeURIComponent(`https://x.example/?${name}=${secret}`)),
  'a query in JSON of Go': (name, secret) => `{"url":"https://x.example/?a=b\\u0026${name}=${secret}"}`,
  'an assignment': (name, secret) => `export ${name}=${secret}`,
  'an assignment with spaces': (name, secret) => `${name} = "${secret}"`,
  YAML: (name, secret) => `a: b\n${name}: ${secret}\nc: d`,
  'YAML in quotes': (name, secret) => `${name}: '${secret}'`,
  'YAML over lines': (name, secret) => `${name}: |\n  ${secret}\n`,
  'the next line': (name, secret) => `"${name}":\n    "${secret}"`,
  'a flag': (name, secret) => `npx server --${name} ${secret} --verbose`,
  'a flag with =': (name, secret) => `npx server --${name}=${secret}`,
  arguments: (name, secret) => `[ 'npx', 'server', '--${name}', '${secret}' ]`,
  'arguments in JSON': (name, secret) => JSON.stringify(['server', `--${name}`, secret]),
};

/** Letters and digits, as tokens and codes have them. */
const secrets = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9_-]{6,60}$/), fc.stringMatching(/^[0-9][A-Za-z][A-Za-z0-9]{6}$/))
  .map(([first, last]) => `${first}${last}`)
  .filter(secret => !secret.startsWith('-') && !/^0x[\da-f]{1,16}$/i.test(secret));

describe('redaction', () => {
  for (const text of [
    'token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJTM0NSRVQifQ.S3CRET',
    'Authorization: Bearer S3CRET',
    'GET /callback?code=S3CRET&state=x',
    '{"access_token":"S3CRET","refresh_token":"S3CRET"}',
    "{ code_verifier: 'x', 'code_verifier': 'S3CRET' }",
    'env AUTH0_TOKEN=S3CRET',
    'code=S3CRET&state=x',
  ]) {
    it(`masks ${text.replaceAll('S3CRET', '…')}`, () => {
      assert.doesNotMatch(redact(text), /S3CRET/);
    });
  }

  for (const [form, write] of Object.entries(forms)) {
    it(`[T15] masks a secret by its name in ${form}`, () => {
      fc.assert(
        fc.property(fc.constantFrom(...names), secrets, (name, secret) => {
          const text = write(name, secret);
          const masked = redact(text);
          assert.ok(!masked.includes(secret), `${text}\n${masked}`);
          assert.equal(redact(masked), masked);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('[T15] masks a password of any characters in JSON, in JSON within it, and in a query', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), rest => {
        const password = `${rest.replace(/\\+$/, '')}Z9Z9Z9`;
        const json = JSON.stringify({ password });
        for (const text of [
          json,
          JSON.stringify({ json }),
          encodeURIComponent(JSON.stringify({ json })),
          `?password=${encodeURIComponent(password)}&a=b`,
          encodeURIComponent(`?password=${encodeURIComponent(password)}&a=b`),
        ]) {
          assert.doesNotMatch(redact(text), /Z9Z9/, text);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('[T15] masks what needs no name: headers, tokens, keys, a password in an address', () => {
    for (const text of [
      'bearer   S3CRET',
      'BEARER\tS3CRET',
      'Bearer\r\n S3CRET',
      'Bearer%20S3CRET',
      'authorization=Bearer+S3CRET',
      'Authorization: Basic dXNlcjpTM0NSRVQ=S3CRET',
      "headers: { authorization: 'Basic S3CRETabc=' }",
      '-H "Authorization: Digest username=ada, response=S3CRET"',
      "rawHeaders: [ 'Authorization', 'Bearer S3CRET', 'Cookie', 'session=S3CRET' ]",
      "'set-cookie': [ 'a=b; Path=/', 'session=S3CRET' ]",
      'Set-Cookie: a=b; Path=/;\r\n session=S3CRET',
      'x-api-key: S3CRET',
      'https://user:S3CRET@example.com/path',
      'https://user:p@S3CRET@example.com/path',
      'postgres://:S3CRET@db/x',
      'https://ghp_S3CRETS3CRETS3CRETS3CRET@example.com/',
      String.raw`"https:\/\/user:S3CRET@example.com"`,
      encodeURIComponent('https://user:S3CRET@example.com'),
      'xeyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJTM0NSRVQifQ.S3CRET',
      'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.S3CRET.dGFn',
      `eyJhbGciOiJSUzI1NiJ9.${'x'.repeat(50)}\n  ${'y'.repeat(50)}.S3CRET`,
      `-----BEGIN RSA PRIVATE KEY-----\nS3CRET\n-----END RSA PRIVATE KEY-----`,
      String.raw`"-----BEGIN PRIVATE KEY-----\nS3CRET\n`,
      `the key ${'S3CRET'.repeat(8).slice(0, 43)}`,
      `key: ${'S3CRET'.repeat(8).slice(0, 43)}`,
      'refresh token: v1.MS3CRETS3CRETS3CRETS3CRETS3',
      'the access token: S3CRET',
      'AUTH0_TOKEN="S3CRET\nS3CRET"',
      'password: correct horse battery S3CRET',
      "b'password': b'S3CRET'",
      '{\\u0022access_token\\u0022:\\u0022S3CRET\\u0022}',
    ]) {
      assert.doesNotMatch(redact(text), /S3CRET/, text);
    }
  });

  it('[T15] leaves what is no secret', () => {
    for (const text of [
      'Renewed the session of ada@example.com at https://example.eu.auth0.com/',
      'The token is not a JWT for an API. [token] [redacted] access_token=[token] Bearer [redacted]',
      'status code=200, code: 404, exit code: 1, "code": -32000, { code: \'ECONNRESET\', errno: -104 }',
      'invalid_token: the access token: it ended at 2026-01-01T00:00:00.000Z',
      '{"progressToken":5,"max_tokens":100,"token_type":"Bearer","error":"invalid_token"}',
      'token_endpoint=https://x.example/oauth/token authorization_endpoint: https://x.example/authorize',
      '?response_type=code&code_challenge=E9Melhoa2Ow&code_challenge_method=S256&state=x&user_code=ABCD-EFGH',
      'WWW-Authenticate: Bearer realm="x", error="invalid_token", scope="read"',
      'full, basic, minimal; basic authentication; Basic realm="x"',
      'e30.e30.e30 v1.2.3 hey.json keyboard-shortcuts.json 3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      'http://[::1]:8765/callback ssh://git@example.com/x ada@example.com:22',
      'The API key: see the manual. What is the secret? None: there is no secret. Token: none',
      'accessToken: undefined, refreshToken: null, "accessToken":true',
    ]) {
      assert.equal(redact(text), text);
    }
  });

  it('[T15] takes linear steps: long texts of beginnings end in no time', () => {
    for (const part of [
      'access_token',
      'access_token"',
      'code:',
      'code=',
      'password:\n ',
      '"password":"',
      'eyJaaaaaaaaaa.',
      'Bearer ',
      '://a:',
      '%3A%2F%2Fa%3A',
      '-----BEGIN PRIVATE KEY',
      'token\\',
      '\\',
      'token ',
      '--token ',
      'token%25',
      'key ',
      'x',
    ]) {
      assert.equal(typeof redact(part.repeat(100_000)), 'string');
    }
  });
});
