import assert from 'node:assert/strict';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { tenantError } from '../../src/auth/tenantError.ts';

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
    ['unauthorized_client', 'invalid_settings', /auth0\.clientId/],
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
