import assert from 'node:assert/strict';
import { useUser } from '../tenant/useTenant.ts';
import { call, run, serve, type Surroundings } from './fixtures.ts';

const words = 'Please verify your email before logging in.';

describe('what the tenant says', () => {
  const given = useUser();
  const turnedAway = { error: 'access_denied', error_description: words };
  const user = (more: Partial<Surroundings> = {}): Surroundings => ({ ...given, ...more });

  it('[W14] reaches the person by the command and by the tool', async () => {
    const surroundings = user({ person: { turnedAway } });
    const login = await run(surroundings, 'login');
    assert.equal(login.code, 3);
    assert.ok(login.stderr.includes(`says: "${words}"`), login.stderr);
    const { client } = await serve(surroundings);
    const { error = '' } = await call(client, 'whoami');
    await client.close();
    assert.ok(error.includes(`says: "${words}"`), error);
  });

  it('[W14] of a renewal reaches the person, whose session stays for when the refusal has passed', async () => {
    given.tenant.setTokenLifetime(1);
    assert.equal((await run(user(), 'login')).code, 0);
    await new Promise(resolve => setTimeout(resolve, 1_100));
    given.tenant.answerTokenRequests([{ status: 403, body: turnedAway }]);
    const refused = await run(user(), 'token');
    assert.equal(refused.code, 3);
    assert.ok(refused.stderr.includes(`says: "${words}"`), refused.stderr);
    assert.match((await run(user(), 'token')).stdout, /^ey/);
  });

  it('[W14] of a session that it has ended reaches the person', async () => {
    given.tenant.setTokenLifetime(1);
    assert.equal((await run(user(), 'login')).code, 0);
    await new Promise(resolve => setTimeout(resolve, 1_100));
    const body = { error: 'invalid_grant', error_description: 'user is blocked' };
    given.tenant.answerTokenRequests([{ status: 403, body }]);
    const { code, stderr } = await run(user(), 'token', '--login');
    assert.equal(code, 0, 'the browser signs in again');
    assert.match(stderr, /ada@example\.com is signed out\..*says: "user is blocked"/);
  });
});
