import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { hurryTimers } from '../hurryTimers.ts';
import {
  account,
  clipboard,
  eventually,
  person,
  setOption,
  signInByCommand,
  signOutByCommand,
  tenant,
} from './helpers.ts';

/** Begins to sign in by the entry that the editor makes for a request of an extension's. */
async function signInFromMenu(): Promise<void> {
  await vscode.authentication.getSession('omnispindle', []);
  await person.chooseFromAccounts('to use omnispindle-suite');
}

describe('a sign-in that waits', () => {
  beforeEach(async () => {
    await tenant.resetCounters();
    await setOption('signIn.flow', 'uriHandler');
  });
  afterEach(async () => {
    await person.leaveTenant();
    await setOption('signIn.flow', undefined);
  });
  const shows = (text: string) =>
    eventually(`"${text}"`, async () => (await person.readMessages()).includes(text));

  describe('for a minute', () => {
    // Our extension runs in the same process.
    hurryTimers(60_000, 3_000);

    it('[E7] offers a code, opens nothing by itself, and ends with the code that is entered', async () => {
      await signInByCommand();
      await person.seeLoginPage();
      const before = await person.tabsOpened();
      await shows('cannot come back to this editor');
      await person.screenshot('late-callback');
      assert.equal(await person.tabsOpened(), before);
      await person.closeTabs();
      await person.follow('Use a Code');
      await person.press('Copy & Open');
      await person.signIn(demoUser);
      await eventually('the session', account);
      await eventually('the end of both', async () => !/Waiting for you/.test(await person.readMessages()));
      const counters = await tenant.counters();
      assert.equal(counters['token:device_code'], 1);
      assert.equal(counters['token:authorization_code'], undefined);
      await signOutByCommand();
    });

    it('[E7] still takes the callback, which ends a code that waits beside it', async () => {
      await signInByCommand();
      await person.seeLoginPage();
      await shows('cannot come back to this editor');
      await person.follow('Use a Code');
      await shows('Your code');
      await person.press('Cancel');
      await person.signIn(demoUser);
      await eventually('the session', account);
      assert.equal((await tenant.counters())['token:authorization_code'], 1);
      await signOutByCommand();
    });
  });

  it('[E8] shows the address of a browser that the person did not let open, to copy it and to try again', async () => {
    await signInByCommand();
    // The editor's own question; it says then that nothing was opened.
    await person.press('Copy');
    await shows('No browser opened.');
    await person.screenshot('no-browser');
    await person.follow('Copy Address');
    await eventually('the address', async () => (await clipboard()).includes('/authorize?'));
    await person.follow('Try Again');
    await person.press('Open');
    await person.signIn(demoUser);
    await eventually('the session', account);
    await signOutByCommand();
  });

  it('[E8] keeps the code and its page in the notification, and copies the code again', async () => {
    await person.runCommand('Omnispindle: Sign In with a Device Code');
    await person.press('Copy & Open');
    const page = await person.seeLoginPage();
    const code = await clipboard();
    await shows(`Waiting for you to enter the code ${code} at`);
    await person.screenshot('waiting-code');
    await person.closeTabs();
    await person.follow(new URL('/activate', page).href);
    assert.ok((await person.seeLoginPage()).startsWith(new URL('/activate', page).href));
    await person.follow('Copy Code');
    await eventually('the code', async () => (await clipboard()) === code);
    await person.signIn(demoUser);
    await eventually('the session', account);
    await signOutByCommand();
  });

  for (const [from, begin] of [
    ['the command', signInByCommand],
    ['the Accounts menu', signInFromMenu],
  ] as const) {
    it(`[E8] ends without a word where the person cancels what they began from ${from}`, async () => {
      await person.clearNotifications();
      await begin();
      await person.seeLoginPage();
      await person.press('Cancel');
      await eventually('its end', async () => !(await person.readMessages()).includes('Waiting'));
      // An error would come from there and back.
      await delay(1_000);
      assert.equal(await person.readMessages(), '');
      assert.equal(await account(), undefined);
    });
  }
});
