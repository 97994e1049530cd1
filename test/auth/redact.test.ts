import assert from 'node:assert/strict';
import { redact } from '../../src/auth/redact.ts';

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
  it('masks each thing by its name, in an address, in JSON and in an environment', () => {
    for (const name of [
      'access_token',
      'refresh_token',
      'id_token',
      'code',
      'code_verifier',
      'device_code',
      'client_secret',
      'password',
      'AUTH0_TOKEN',
    ]) {
      for (const text of [
        `https://x.example/?${name}=S3CRET&a=b`,
        `{"${name}": "S3CRET"}`,
        `${name}=S3CRET`,
      ]) {
        assert.doesNotMatch(redact(text), /S3CRET/, text);
      }
    }
  });
  it('leaves what is no secret', () => {
    const text = 'Renewed the session of ada@example.com at https://example.eu.auth0.com/';
    assert.equal(redact(text), text);
  });
});
