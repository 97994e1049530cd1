import assert from 'node:assert/strict';
import { sessionTokenSource } from '../../src/sessions/sessionTokenSource.ts';
import { failsWith, testAuthenticator } from '../auth/fixtures.ts';
import { useUser } from '../tenant/useTenant.ts';

describe('a silent request for a token', () => {
  const given = useUser();

  it('[E1] opens no browser while nobody is signed in, and says that a person is needed', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const source = sessionTokenSource(authenticator);
    await failsWith(source.getToken({ silent: true }), 'login_required', /has to sign in/);
    assert.equal(ui.opened.length, 0);
    source.dispose();
  });

  it('[E1] gets the token of who is signed in, and a renewed one', async () => {
    const { authenticator, ui } = testAuthenticator(given.tenant, given.directory);
    const source = sessionTokenSource(authenticator);
    const { accessToken } = await source.getToken({});
    assert.equal((await source.getToken({ silent: true })).accessToken, accessToken);
    const renewed = await source.getToken({ silent: true, rejected: accessToken });
    assert.notEqual(renewed.accessToken, accessToken);
    assert.equal(ui.opened.length, 1);
    source.dispose();
  });

  it('[E1] does not wait for a sign-in that another request has opened', async () => {
    const { authenticator } = testAuthenticator(given.tenant, given.directory);
    const source = sessionTokenSource(authenticator);
    given.tenant.setMode('slow', 500);
    const asking = source.getToken({});
    await failsWith(source.getToken({ silent: true }), 'login_required');
    assert.equal((await source.getToken({})).accessToken, (await asking).accessToken);
    source.dispose();
  });
});
