import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { account, eventually, person, setOption, signedOut, signInByCommand, tenant } from './helpers.ts';

const providerId = 'omnispindle';
const ada = 'ada@example.com';
const grace = 'grace@gmail.example';

/** Which accounts the editor has, by their labels. */
async function labels(): Promise<string[]> {
  return (await vscode.authentication.getAccounts(providerId)).map(({ label }) => label).sort();
}

/** The entry by which the Accounts menu asks to sign in for this extension. */
const request = 'Sign in with Omnispindle to use omnispindle-suite';

describe('accounts side by side, in a browser that stays logged in', () => {
  before(async () => {
    await setOption('signIn.flow', 'loopback');
    await person.leaveTenant();
  });
  beforeEach(() => tenant.resetCounters());
  afterEach(() => person.closeTabs());
  after(() => person.leaveTenant());

  it('have the scopes that were asked for, in their order, and take the request out of the Accounts menu', async () => {
    for (const scopes of [['read:todos', 'openid'], []]) {
      assert.equal(await vscode.authentication.getSession(providerId, scopes), undefined);
      await eventually('the request', async () =>
        (await person.readAccounts()).some(entry => entry.includes(request)),
      );
    }
    await person.chooseFromAccounts(request);
    await person.signIn(demoUser);
    await eventually('the account', async () => (await account()) === ada);
    await eventually(
      'the end of the requests',
      async () => !(await person.readAccounts(0, 'requests')).some(entry => entry.includes(request)),
    );
    for (const scopes of [['read:todos', 'openid'], [], ['openid', 'read:todos']]) {
      const session = await vscode.authentication.getSession(providerId, scopes, { silent: true });
      assert.deepEqual(session?.scopes, scopes);
    }
  });

  it('are added by the command: the tenant asks who it is although it knows somebody', async () => {
    await person.runCommand('Omnispindle: Sign In');
    await person.press('Allow');
    await person.choose('Sign in to another account');
    await person.signIn('google');
    await eventually('two accounts', async () => (await labels()).length === 2);
    assert.deepEqual(await labels(), [ada, grace]);
    assert.equal((await tenant.counts()).passedThrough, 0);
  });

  it('are not added where the same person signs in again, which is said', async () => {
    await person.runCommand('Omnispindle: Sign In');
    await person.press('Allow');
    await person.choose('Sign in to another account');
    await person.signIn(demoUser);
    await eventually('the news', async () =>
      (await person.readNotifications()).includes(`You signed in as ${ada} again`),
    );
    assert.deepEqual(await labels(), [ada, grace]);
    await person.clearNotifications();
  });

  it('sign out one after the other', async () => {
    await signedOut(undefined, async () => {
      for (const label of [grace, ada]) {
        await person.signOutFromAccounts(label);
        await person.press('Sign Out');
        await eventually('the sign-out', async () => !(await labels()).includes(label));
      }
    });
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    await signedOut(undefined, async () => {
      await person.signOutFromAccounts(ada);
      await person.press('Sign Out');
    });
  });
});
