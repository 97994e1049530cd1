import assert from 'node:assert/strict';
import { AuthError } from '../../src/auth/authError.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { createGate } from '../../src/server/gate.ts';

const minute = 60_000;

/** A gate whose tokens come in that order (the last one for ever), with what it asked for. */
function gateOf(
  tokens: readonly string[],
  { refuses = [], life = 60 * minute }: { refuses?: readonly string[]; life?: number } = {},
) {
  const asked: (string | undefined)[] = [];
  const verified: string[] = [];
  const gate = createGate({
    tokenSource: {
      getToken({ rejected }: TokenRequest) {
        asked.push(rejected);
        return Promise.resolve({ accessToken: tokens[Math.min(asked.length, tokens.length) - 1] ?? '' });
      },
    },
    verify(token) {
      verified.push(token);
      return refuses.includes(token)
        ? Promise.reject(new AuthError('invalid_token', `${token} is refused.`))
        : Promise.resolve({
            issuer: 'https://tenant.example/',
            sub: token,
            scopes: [],
            expiresAt: Date.now() + life,
          });
    },
  });
  return { gate, asked, verified };
}

describe('the gate', () => {
  it('verifies a token once while it lives', async () => {
    const { gate, verified } = gateOf(['ada']);
    for (let i = 0; i < 5; i++) assert.equal((await gate({})).sub, 'ada');
    assert.deepEqual(verified, ['ada']);
  });

  it('verifies again when the token has expired, beyond the skew that is forgiven', async () => {
    const expired = gateOf(['ada'], { life: -2 * minute });
    await expired.gate({});
    await expired.gate({});
    assert.equal(expired.verified.length, 2);
    const within = gateOf(['ada'], { life: -minute / 2 });
    await within.gate({});
    await within.gate({});
    assert.equal(within.verified.length, 1);
  });

  it('follows a change of token to the other person at once', async () => {
    const { gate, verified } = gateOf(['ada', 'lin']);
    assert.equal((await gate({})).sub, 'ada');
    assert.equal((await gate({})).sub, 'lin');
    assert.deepEqual(verified, ['ada', 'lin']);
  });

  it('replaces a refused token exactly once', async () => {
    const { gate, asked, verified } = gateOf(['old', 'ada'], { refuses: ['old'] });
    assert.equal((await gate({})).sub, 'ada');
    assert.deepEqual(asked, [undefined, 'old']);
    assert.deepEqual(verified, ['old', 'ada']);
    const hopeless = gateOf(['one', 'two', 'three'], { refuses: ['one', 'two', 'three'] });
    await assert.rejects(hopeless.gate({}), /two is refused/);
    assert.deepEqual(hopeless.asked, [undefined, 'one']);
  });

  it('[T6] says how to sign in again where a session has no other token', async () => {
    const gate = createGate({
      tokenSource: { getToken: () => Promise.resolve({ accessToken: 'ada', account: { label: 'Ada' } }) },
      verify: () => Promise.reject(new AuthError('invalid_token', 'The token has no end.')),
    });
    await assert.rejects(gate({}), /The token has no end\. .*"omnispindle login".*"Omnispindle: Sign In"/);
  });

  it('does not ask for another token where the tenant is what fails', async () => {
    let asked = 0;
    const gate = createGate({
      tokenSource: { getToken: () => Promise.resolve({ accessToken: String(++asked) }) },
      verify: () => Promise.reject(new AuthError('tenant_unreachable', 'Check the network.')),
    });
    await assert.rejects(gate({}), /Check the network/);
    assert.equal(asked, 1);
  });
});
