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
