import assert from 'node:assert/strict';
import { defaultTenant, issuerOf } from '../../../src/auth/tenant.ts';
import { labelled } from '../../../src/terminal/transfer/labelledOwners.ts';

describe('what owners of todos are called', () => {
  it('is the label of the session at that very tenant, else the name that the tenant has for them', () => {
    const other = { ...defaultTenant, domain: 'https://other.example' };
    const sessions = [
      { tenant: { ...defaultTenant, domain: 'no address' }, account: { id: 'auth0|ada', label: 'nobody' } },
      { tenant: other, account: { id: 'auth0|ada', label: 'ada@other.example' } },
      { tenant: defaultTenant, account: { id: 'auth0|ada', label: 'ada@example.com' } },
      { tenant: defaultTenant, account: { id: 'auth0|eve', label: 'eve\u001b[2J@example.com' } },
    ];
    const owners = [
      { issuer: issuerOf(defaultTenant), sub: 'auth0|ada' },
      { issuer: issuerOf(other), sub: 'auth0|ada' },
      { issuer: issuerOf(defaultTenant), sub: 'auth0|eve' },
      { issuer: issuerOf(other), sub: 'auth0|eve\n' },
    ];
    assert.deepEqual(
      labelled(owners, sessions).map(({ label }) => label),
      ['ada@example.com', 'ada@other.example', 'eve@example.com', 'auth0|eve '],
    );
    assert.deepEqual(labelled(owners.slice(0, 1), []), [{ ...owners[0], label: 'auth0|ada' }]);
  });
});
