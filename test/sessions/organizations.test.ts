import assert from 'node:assert/strict';
import type { Tenant } from '../../src/auth/tenant.ts';
import { failsWith, testAuthenticator } from '../auth/fixtures.ts';
import type { CookieJar } from '../tenant/browserless.ts';
import { useUser } from '../tenant/useTenant.ts';

const bob = { sub: 'auth0|bob', email: 'bob@example.com', name: 'Bob', password: 'a long password' };
const members = ['auth0|ada', bob.sub];

describe('a session of an organization', () => {
  const given = useUser(undefined, {
    accounts: [bob],
    organizationNames: true,
    organizations: [
      { id: 'org_acme', name: 'acme', members },
      { id: 'org_other', name: 'other', members },
    ],
  });
  const at = (organization?: string): Tenant => ({
    domain: given.tenant.domain,
    clientId: given.tenant.clientId,
    audience: given.tenant.audience,
    ...(organization !== undefined && { organization }),
  });

  it('is found by the tenant’s organization or the request’s, and is no other’s', async () => {
    const { authenticator, store } = testAuthenticator(at('acme'), given.directory);
    const session = await authenticator.ensure();
    assert.deepEqual(session.account.organization, { id: 'org_acme', name: 'acme' });
    const other = testAuthenticator(at('other'), given.directory).authenticator;
    assert.equal(await other.silent(), undefined);
    assert.equal((await other.silent({ organization: 'org_acme' }))?.id, session.id);
    assert.equal((await testAuthenticator(at(), given.directory).authenticator.silent())?.id, session.id);
    assert.notEqual((await other.ensure()).id, session.id);
    // An earlier version would renew it as the person's own session, and lose it.
    assert.deepEqual(
      (await store.list()).map(({ version }) => version),
      [2, 2],
    );
  });

  it('gives no token that a renewal brought for another one, and goes on', async () => {
    const { authenticator, store } = testAuthenticator(at('acme'), given.directory);
    const { accessToken: rejected, refreshToken } = await authenticator.ensure();
    const elsewhere = await given.tenant.sign({ org_id: 'org_other' });
    const body = {
      access_token: elsewhere,
      refresh_token: refreshToken,
      token_type: 'Bearer',
      expires_in: 60,
    };
    given.tenant.answerTokenRequests([{ status: 200, body }]);
    await failsWith(
      authenticator.silent({ rejected }),
      'access_denied',
      /gave a token for the organization org_other, but org_acme was asked for/,
    );
    const [stored] = await store.list();
    assert.notEqual(stored?.accessToken, elsewhere);
    assert.ok((await authenticator.silent({ rejected }))?.accessToken);
  });

  it('ends with its sign-out, and the other one of that person goes on', async () => {
    const acme = testAuthenticator(at('acme'), given.directory).authenticator;
    const other = testAuthenticator(at('other'), given.directory).authenticator;
    const { id } = await acme.ensure();
    await other.ensure();
    await acme.signOut(id);
    assert.equal(await acme.silent(), undefined);
    assert.ok(await other.silent());
  });
});

describe('a sign-in for scopes that a session lacks', () => {
  const given = useUser(undefined, { accounts: [bob] });

  it('is refused where the browser is logged in as another person; nothing is stored, nothing lost', async () => {
    const cookies: CookieJar = new Map();
    const ada = testAuthenticator(given.tenant, given.directory, { cookies });
    const session = await ada.authenticator.ensure();
    const other = testAuthenticator(given.tenant, `${given.directory}/other`, { person: bob, cookies });
    await other.authenticator.ensure({ hints: { prompt: 'login' } });
    await failsWith(
      ada.authenticator.ensure({ scopes: ['read:todos'] }),
      'account_mismatch',
      /signed in as bob@example\.com, but ada@example\.com was asked for/,
    );
    assert.deepEqual(
      (await ada.store.list()).map(({ id }) => id),
      [session.id],
    );
    assert.equal((await ada.authenticator.silent())?.accessToken, session.accessToken);
    assert.equal(new URL(ada.ui.opened.at(-1) ?? '').searchParams.get('login_hint'), given.tenant.user.email);
  });
});
