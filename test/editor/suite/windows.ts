import assert from 'node:assert/strict';
import { demoUser } from '../../tenant/accounts.ts';
import { account, eventually, person, setOption, signInByCommand, signOutByCommand } from './helpers.ts';

describe('two windows', () => {
  let other: number;
  const shows = async (window: number) =>
    (await person.readAccounts(window)).some(entry => entry.includes('ada@example.com'));

  before(async () => {
    await setOption('signIn.flow', 'uriHandler');
    other = await person.openWindow();
  });
  after(async () => {
    await person.closeWindow(other);
    await person.leaveTenant();
  });

  it('see each other’s sign-in', async () => {
    assert.equal(await shows(other), false);
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the account in this window', account);
    await eventually('the account in the other window', () => shows(other));
  });

  it('are still signed in after a reload', async () => {
    await person.reload(other);
    await eventually('the account in the reloaded window', () => shows(other));
  });

  it('see each other’s sign-out', async () => {
    await person.runCommand('Omnispindle: Sign Out', other);
    await person.press('Sign Out', other);
    await eventually('the sign-out in this window', async () => (await account()) === undefined);
    await person.leaveTenant();
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the account in the other window', () => shows(other));
    await signOutByCommand();
    await eventually('the sign-out in the other window', async () => !(await shows(other)));
  });
});
