import assert from 'node:assert/strict';
import { defaultTenant } from '../../src/auth/tenant.ts';
import { otherTenant } from '../../src/terminal/tenantNotice.ts';

describe('the notice of a tenant that is not Omnispindle’s own', () => {
  const say = (change: Partial<typeof defaultTenant>, origins = {}) =>
    otherTenant({ ...defaultTenant, ...change }, origins)?.message;

  it('[T3] is none where all is Omnispindle’s own, however it is written', () => {
    for (const domain of [defaultTenant.domain, `https://${defaultTenant.domain.toUpperCase()}/`]) {
      assert.equal(say({ domain }, { AUTH0_DOMAIN: 'the environment' }), undefined);
    }
  });

  for (const [change, name] of [
    [{ domain: 'other.example' }, 'AUTH0_DOMAIN'],
    [{ clientId: 'other' }, 'AUTH0_CLIENT_ID'],
    [{ audience: 'https://other.example' }, 'AUTH0_AUDIENCE'],
  ] as const) {
    it(`[T3] says which setting it is, and where it was found: ${name}`, () => {
      assert.match(say(change, { [name]: '/p/.env' }) ?? '', new RegExp(`: ${name} from /p/\\.env\\.$`));
    });
  }

  it('[T3] names the host, and has no address that a person could take for the one to open', () => {
    const text = say({ domain: 'http://localhost:1234', audience: 'https://x.example' }) ?? '';
    assert.match(text, /You sign in at localhost:1234,/);
    assert.doesNotMatch(text, /:\/\//);
  });
});
