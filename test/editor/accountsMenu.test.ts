import assert from 'node:assert/strict';
import { eventually } from '../eventually.ts';
import { signInInBrowser } from './standIn/browser.ts';
import { useStandIn } from './standIn/useStandIn.ts';

describe('the Accounts menu', () => {
  const given = useStandIn();

  it('[F2] has our entry while nobody is signed in, from the start, in each window', async () => {
    const profile = given.profile();
    const window = await given.start({ profile });
    const other = await given.start({ profile });
    for (const each of [window, other]) await eventually('the entry', () => each.requests().includes(''));
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await command;
    for (const each of [window, other]) await eventually('its end', () => each.requests().length === 0);

    const late = await given.start({ profile });
    await eventually('its first look', () =>
      late.executed.some(({ args: [key, value] }) => key === 'omnispindle.signedIn' && value === true),
    );
    assert.deepEqual(late.requests(), []);

    const leaving = window.run('omnispindle.signOut');
    await window.screen.press('Sign Out');
    await leaving;
    for (const each of [window, other, late]) {
      await eventually('the entry', () => each.requests().includes(''));
    }
  });

  it('[F2] is not the only way in where a message sends people there: a button does it, too', async () => {
    const window = await given.start();
    await window.handleUri('vscode://omnispindle.omnispindle/callback?code=1&state=unknown');
    const message = await window.screen.see(/start again from the Accounts menu/);
    assert.deepEqual(message.choices, ['Sign In']);
    await message.answer('Sign In');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await eventually('the session', async () => (await window.api.getAccount())?.label === 'ada@example.com');
  });
});
