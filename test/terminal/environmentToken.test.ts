import assert from 'node:assert/strict';
import { createVerifier } from '../../src/auth/verify.ts';
import { parseTenant } from '../../src/auth/tenant.ts';
import { environmentTokenSource } from '../../src/terminal/environmentToken.ts';
import { useTenant } from '../tenant/useTenant.ts';

describe('a token of the person’s own', () => {
  const given = useTenant();
  let checks: number;

  beforeEach(() => {
    checks = 0;
  });

  function source(token: string) {
    const verify = createVerifier(parseTenant(given.tenant));
    return environmentTokenSource(
      { token, origin: 'a test' },
      {
        verify(checked) {
          checks++;
          return verify(checked);
        },
      },
    );
  }

  it('is checked before its first use, and not at every call', async () => {
    const token = await given.tenant.sign({});
    const own = source(token);
    for (let i = 0; i < 3; i++) assert.equal((await own.getToken({})).accessToken, token);
    assert.equal(checks, 1);
  });

  it('is refused at every call while it is not valid', async () => {
    const own = source('nonsense');
    for (let i = 0; i < 2; i++) await assert.rejects(own.getToken({}), /from a test is invalid or expired/);
    assert.equal(checks, 2);
  });

  it('is not handed out again once a server has refused it', async () => {
    const token = await given.tenant.sign({});
    const own = source(token);
    await own.getToken({});
    await assert.rejects(own.getToken({ rejected: token }), { code: 'invalid_token' });
  });
});
