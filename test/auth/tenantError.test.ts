import assert from 'node:assert/strict';
import { refresh } from '../../src/auth/refresh.ts';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { tenantError } from '../../src/auth/tenantError.ts';
import { useTenant } from '../tenant/useTenant.ts';
import { failsWith } from './fixtures.ts';

describe('the refusal of a renewal', () => {
  // `mfa_required`: Auth0 documentation, "Use Refresh Tokens".
  for (const error of ['invalid_grant', 'login_required', 'mfa_required']) {
    it(`means that the person must sign in again (${error})`, () => {
      const refusal = Object.assign(new Error('refused'), { error, status: 403 });
      assert.equal(tenantError(refusal, defaultTenant).code, 'login_required');
    });
  }
});

describe('what a tenant answers', () => {
  for (const [error, code, saying] of [
    ['access_denied', 'access_denied', /refused or cancelled.*Try again/],
    ['expired_token', 'timed_out', /Try again for a new one/],
    ['unauthorized_client', 'invalid_settings', /AUTH0_CLIENT_ID/],
    ['invalid_client', 'invalid_settings', /AUTH0_CLIENT_ID/],
    ['temporarily_unavailable', 'server_error', /\(temporarily_unavailable\)\. Try again/],
  ] as const) {
    it(`becomes what to do (${error})`, () => {
      const answer = tenantError(Object.assign(new Error('answered'), { error }), defaultTenant);
      assert.equal(answer.code, code);
      assert.match(answer.message, saying);
    });
  }
});

describe('what a tenant says of its refusal', () => {
  const said = (error: string, error_description: unknown, secrets: string[] = []) =>
    tenantError(Object.assign(new Error('answered'), { error, error_description }), defaultTenant, {
      secrets,
    });

  for (const [error, words, code] of [
    ['access_denied', 'Please verify your email before logging in.', 'access_denied'],
    ['unauthorized', 'user is blocked', 'access_denied'],
    ['invalid_request', 'the connection was not found', 'server_error'],
    ['server_error', 'Unable to issue redirect for OAuth 2.0 transaction', 'server_error'],
    ['consent_required', 'Consent required', 'login_required'],
    ['invalid_grant', 'Unknown or invalid refresh token.', 'login_required'],
    ['invalid_client', 'Client authentication failed', 'invalid_settings'],
    ['unauthorized_client', 'Grant type not allowed for the client.', 'invalid_settings'],
    ['access_denied', 'Service not enabled within domain: https://api.example', 'invalid_settings'],
    ['something_new', 'Only on Tuesdays', 'server_error'],
  ] as const) {
    it(`[W14] is told to the person (${error}: ${words})`, () => {
      const { code: given, message } = said(error, words);
      assert.equal(given, code);
      assert.ok(message.endsWith(` ${defaultTenant.domain} says: "${words}"`), message);
    });
  }

  it('[W14] stays out where the person cancelled it and knows', () => {
    const plain = said('access_denied', undefined).message;
    for (const words of [
      'User did not authorize the request',
      'End-User aborted interaction',
      'The resource owner denied the request.',
    ]) {
      assert.equal(said('access_denied', words).message, plain);
    }
    assert.notEqual(said('access_denied', 'User denied the request of nobody we know').message, plain);
  });

  it('[W14] names the client grant that may be missing', () => {
    for (const { message } of [
      said('unauthorized_client', ''),
      said('access_denied', 'Client is not authorized to access "https://api.example".'),
      said('invalid_request', 'You need to create a "client-grant" associated to this API.'),
    ]) {
      assert.match(message, /authorized for the API/);
      assert.match(message, /client grant/);
      assert.ok(message.includes(defaultTenant.audience));
    }
  });

  it('[W14] is one line, cut, and free of secrets and of what moves a terminal', () => {
    const [code, jwt] = ['Xy7-opaque-code-0815', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'];
    const { message } = said(
      'access_denied',
      `No\u001b[2J ${code} ${jwt} code=abc123def\n\u202e${'x'.repeat(9_000)}`,
      [code],
    );
    for (const secret of [code, jwt, 'abc123def']) assert.ok(!message.includes(secret), message);
    assert.doesNotMatch(message, /[\n\u001b\u202e]/);
    assert.ok(message.length < 600);
  });

  it('[W14] is left out where it is no text', () => {
    for (const words of [{ reason: 'no' }, ['no'], 7, null, '', ' ']) {
      assert.doesNotMatch(said('access_denied', words).message, /says/);
    }
  });
});

describe('a refusal that the library does not read', () => {
  const given = useTenant();
  const json = 'application/json';

  for (const [what, status, headers, body, code] of [
    ['500', 500, {}, { error: 'server_error', error_description: 'A rule failed.' }, 'server_error'],
    [
      'a challenge',
      401,
      { 'www-authenticate': 'Basic realm="x"' },
      { error: 'invalid_client', error_description: 'A rule failed.' },
      'invalid_settings',
    ],
    [
      'JSON that is called text',
      403,
      { 'content-type': 'text/plain' },
      { error: 'access_denied', error_description: 'A rule failed.' },
      'access_denied',
    ],
    ["Auth0's own words", 429, {}, { error: 'Too Many Requests', message: 'A rule failed.' }, 'server_error'],
  ] as const) {
    it(`[W14] is told to the person anyway (${what})`, async () => {
      given.tenant.answerTokenRequests([{ status, headers: { 'content-type': json, ...headers }, body }]);
      await failsWith(refresh(given.tenant, 'a-refresh-token'), code, /says: "A rule failed\."$/);
    });
  }

  it('[W14] of a gateway is its status, and not that this is no tenant', async () => {
    given.tenant.answerTokenRequests([
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>502 Bad Gateway</h1>' },
    ]);
    await failsWith(refresh(given.tenant, 'a-refresh-token'), 'server_error', /\(status 502\)/);
  });
});
