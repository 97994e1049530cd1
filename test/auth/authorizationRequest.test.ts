import assert from 'node:assert/strict';
import { beginAuthorization } from '../../src/auth/authorizationRequest.ts';
import { isOmnispindleError } from '../../src/common/errors.ts';
import { defaultScopes } from '../../src/auth/tenant.ts';
import { signInByForm } from '../tenant/browserless.ts';
import { useTenant } from '../tenant/useTenant.ts';

describe('an authorization request', () => {
  const given = useTenant();
  const redirectUri = 'vscode://omnispindle.omnispindle/callback';
  const begin = () => beginAuthorization(given.tenant, { redirectUri, scopes: defaultScopes, hints: {} });

  /** The callback's query after the person has signed in. */
  async function callback(url: string): Promise<URLSearchParams> {
    return new URL((await signInByForm(url)).url).searchParams;
  }

  it('exchanges its code once, however often the callback comes', async () => {
    const request = await begin();
    const query = await callback(request.url);
    const results = await Promise.allSettled([1, 2, 3].map(() => request.redeem(query)));
    results.push(...(await Promise.allSettled([request.redeem(query)])));
    const [first, ...replayed] = results;
    assert.ok(first?.status === 'fulfilled');
    assert.equal(first.value.account.email, given.tenant.user.email);
    for (const result of replayed) {
      assert.ok(result.status === 'rejected' && isOmnispindleError(result.reason, 'invalid_callback'));
      assert.match(result.reason.message, /already finished/);
    }
    assert.equal(given.tenant.counters()['token'], 1);
  });

  it('leaves the callback of another sign-in alone, and goes on waiting for its own', async () => {
    const [request, other] = [await begin(), await begin()];
    const query = await callback(request.url);
    await assert.rejects(
      other.redeem(query),
      error => isOmnispindleError(error, 'invalid_callback') && /another sign-in/.test(error.message),
    );
    assert.equal(given.tenant.counters()['token'], undefined);
    await request.redeem(query);
    await other.redeem(await callback(other.url));
  });
});
