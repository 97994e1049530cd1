import assert from 'node:assert/strict';
import type { CookieJar } from '../tenant/browserless.ts';
import { nextOpened, signInInBrowser } from './standIn/browser.ts';
import { useStandIn } from './standIn/useStandIn.ts';

describe('a sign-in with another account by a code', () => {
  const given = useStandIn();

  it('[F1] says before that a code cannot ask for one, and offers to log out where the same one comes back', async () => {
    const profile = given.profile({ 'omnispindle.signIn.flow': 'deviceCode' });
    const window = await given.start({ profile });
    const cookies: CookieJar = new Map();
    const signIn = async (detail: RegExp, seen: number) => {
      const signedIn = window.provider().createSession([], {});
      const dialog = await window.screen.see(/Your code/);
      assert.match(dialog.detail, detail);
      await dialog.answer('Copy & Open');
      await signInInBrowser(window, undefined, { seen, cookies });
      await signedIn;
    };
    await signIn(/^Copy it, open \S+ in any browser, and enter it there\.$/, 0);
    await signIn(/enter it there\.\n\nA code cannot ask for another account.*log out there first/, 1);
    await window.screen.see(/ada@example\.com again/);
    await window.screen.press('Sign Out of the Browser Too');
    const address = await nextOpened(window, 2);
    assert.equal(new URL(address).origin, new URL(given.tenant.issuer).origin);
    assert.match(address, /logout|session\/end/);
  });
});
