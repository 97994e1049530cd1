import assert from 'node:assert/strict';
import { discover } from '../../src/auth/discovery.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { toGrant } from '../../src/auth/grant.ts';
import { useTenant } from '../tenant/useTenant.ts';

describe('who signed in', () => {
  const given = useTenant();

  /** What the tenant granted, with an id_token that says no more than that. */
  async function grant(claims: { sub: string; email?: string } | undefined) {
    const configuration = await discover(given.tenant);
    const tokens = {
      access_token: await given.tenant.sign({}),
      token_type: 'bearer',
      claims: () => claims && { iss: given.tenant.issuer, aud: 'x', iat: 0, exp: 0, ...claims },
    };
    return toGrant(configuration, given.tenant, tokens as unknown as Parameters<typeof toGrant>[2]);
  }

  it('is what the id_token says', async () => {
    const { account } = await grant({ sub: 'auth0|ada', email: 'ada@example.org' });
    assert.deepEqual(account, { id: 'auth0|ada', label: 'ada@example.org', email: 'ada@example.org' });
    assert.equal(given.tenant.counters()['userinfo'], undefined);
  });

  it('is what the tenant says when asked, where the id_token says no more than a subject', async () => {
    const { account } = await grant({ sub: 'auth0|ada' });
    const { email, name } = given.tenant.user;
    assert.deepEqual(account, { id: 'auth0|ada', label: email, name, email });
  });

  it('is the subject alone where the tenant says nothing, or names somebody else', async () => {
    assert.deepEqual((await grant({ sub: 'auth0|other' })).account, {
      id: 'auth0|other',
      label: 'auth0|other',
    });
    await discover(given.tenant);
    given.tenant.setMode('down');
    assert.deepEqual((await grant({ sub: 'auth0|ada' })).account, { id: 'auth0|ada', label: 'auth0|ada' });
  });

  it('must be known: no session begins without a subject', async () => {
    await assert.rejects(
      grant(undefined),
      error =>
        isOmnispindleError(error, 'invalid_response') && /Allow the scope "openid"/.test(error.message),
    );
  });
});
