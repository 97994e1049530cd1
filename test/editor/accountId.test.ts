import assert from 'node:assert/strict';
import { accountRequest, editorAccount, type EditorAccount } from '../../src/editor/accountId.ts';
import type { Account, Session } from '../../src/sessions/session.ts';

describe('an account in the editor', () => {
  const alone: Account = { id: 'auth0|ada', label: 'ada@example.com' };
  const acme: Account = {
    id: 'auth0|ada',
    label: 'ada@example.com (acme)',
    organization: { id: 'org_acme', name: 'acme' },
  };
  const authenticator = (...accounts: Account[]) => ({
    list: () => Promise.resolve(accounts.map(account => ({ account }) as Session)),
  });

  it('is another one for each organization', () => {
    assert.deepEqual(editorAccount(alone), { id: 'auth0|ada', label: 'ada@example.com' });
    assert.notEqual(editorAccount(acme).id, editorAccount(alone).id);
  });

  it('is asked for by its own name where the person is signed in to several organizations', async () => {
    for (const account of [alone, acme]) {
      const request = await accountRequest(authenticator(alone, acme), editorAccount(account));
      assert.equal(request.account, account.label);
      assert.equal(request.organization, account.organization?.id);
    }
  });

  it('is asked for by its sub and organization where it is signed out, with its address for the login page', async () => {
    const signedOut: [EditorAccount, object][] = [
      [editorAccount(alone), { account: 'auth0|ada', hints: { loginHint: 'ada@example.com' } }],
      [
        editorAccount(acme),
        { account: 'auth0|ada', organization: 'org_acme', hints: { loginHint: 'ada@example.com' } },
      ],
      [{ id: 'auth0|ada', label: 'Ada' }, { account: 'auth0|ada' }],
    ];
    for (const [account, request] of signedOut) {
      assert.deepEqual(await accountRequest(authenticator(), account), request);
    }
  });
});
