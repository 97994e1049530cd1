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

describe('the state of an authorization request that names a window', () => {
  const given = useTenant();
  const redirectUri = 'vscode://omnispindle.omnispindle/callback';
  const routing = 'windowId=7';
  const begin = () =>
    beginAuthorization(given.tenant, { redirectUri, scopes: defaultScopes, hints: {}, routing });

  it('[E7] has it after a part that nobody can guess, where the editor finds it in the callback', async () => {
    const [first, second] = [await begin(), await begin()];
    for (const { state } of [first, second]) assert.match(state, /^[\w-]{43}\.windowId=7$/);
    assert.notEqual(first.state, second.state);
    const { url } = await signInByForm(first.url);
    // As the editor decodes and searches it (VS Code, URLHandlerRouter).
    const query = decodeURIComponent(new URL(url).search.slice(1));
    assert.equal(/\bwindowId=(\d+)/.exec(query)?.[1], '7');
    assert.equal((await first.redeem(new URLSearchParams(query))).account.id, 'auth0|ada');
  });

  it('[E7] counts as a whole: neither its window nor its secret alone is taken', async () => {
    const request = await begin();
    const [secret = ''] = request.state.split('.');
    for (const state of [secret, `.${routing}`, routing, `${secret}.windowId=8`, `${request.state}0`]) {
      await assert.rejects(
        request.redeem(new URLSearchParams({ code: 'x', state })),
        error => isOmnispindleError(error, 'invalid_callback'),
        state,
      );
    }
  });
});
