import assert from 'node:assert/strict';
import { defaultTenant, parseTenant } from '../../src/auth/tenant.ts';
import { longestOrganization } from '../../src/auth/organization.ts';

describe('the tenant of the settings', () => {
  it('is the default one where nothing is set, and has no field that nobody gave', () => {
    assert.deepEqual(parseTenant({}), defaultTenant);
    assert.deepEqual(parseTenant({ domain: '', clientId: undefined, audience: null }), defaultTenant);
  });

  it('takes each text as it is meant, without spaces around it', () => {
    assert.deepEqual(
      parseTenant({ domain: ' a.example ', clientId: ' b ', audience: ' c\n', organization: ' org_1 ' }),
      { domain: 'a.example', clientId: 'b', audience: 'c', organization: 'org_1' },
    );
  });

  for (const field of ['domain', 'clientId', 'audience'] as const) {
    for (const value of [7, '  ', {}, false]) {
      it(`is refused, and the setting named, where ${field} is ${JSON.stringify(value)}`, () => {
        const variable = { domain: 'AUTH0_DOMAIN', clientId: 'AUTH0_CLIENT_ID', audience: 'AUTH0_AUDIENCE' };
        assert.throws(() => parseTenant({ [field]: value }), {
          code: 'invalid_settings',
          message: new RegExp(`${variable[field]} must be a text that is not empty`),
        });
      });
    }
  }

  for (const value of [7, ' ', 'x'.repeat(longestOrganization + 1)]) {
    it(`is refused where the organization is ${JSON.stringify(value).slice(0, 10)}`, () => {
      assert.throws(
        () => parseTenant({ organization: value }),
        /The organization \(AUTH0_ORGANIZATION .*must be an id/,
      );
    });
  }
});
