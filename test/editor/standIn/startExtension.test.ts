import assert from 'node:assert/strict';
import { signInInBrowser } from './browser.ts';
import { notThere, strict } from './strict.ts';
import { useStandIn } from './useStandIn.ts';

describe('the built extension in a stand-in of an editor on a desktop', () => {
  const given = useStandIn();

  it('signs in by the command and the URI handler, and out again', async () => {
    const window = await given.start();
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    const callback = await signInInBrowser(window);
    await command;
    assert.match(callback, /^vscode:\/\/omnispindle\.omnispindle\/callback\?/);
    assert.equal((await window.api.getAccount())?.label, 'ada@example.com');
    await window.screen.see(/You are signed in as ada@example\.com/);
    const leaving = window.run('omnispindle.signOut');
    await window.screen.press('Sign Out');
    await leaving;
    assert.equal(await window.api.getAccount(), undefined);
    assert.equal(await given.tenant.liveSessions(), 0);
  });

  it('keeps the session for the next window of the profile, with modules of its own', async () => {
    const kept = given.profile();
    const first = await given.start({ profile: kept });
    const command = first.run('omnispindle.signIn');
    await first.screen.press('Allow');
    await signInInBrowser(first);
    await command;
    const second = await given.start({ profile: kept });
    assert.equal((await second.api.getAccount())?.label, 'ada@example.com');
    assert.deepEqual(second.opened, []);
  });

  it('throws for what the stand-in has not, and has not silently only what a test takes away', async () => {
    const members = strict(
      'env',
      { appName: 'An editor', uriScheme: 'x' },
      new Set(['env.uriScheme', 'env.shell']),
    );
    assert.equal(members.appName, 'An editor');
    assert.equal(members.uriScheme, undefined);
    assert.equal((members as { shell?: unknown }).shell, undefined);
    assert.throws(() => (members as { machineId?: unknown }).machineId, /has no env\.machineId/);
    const emitter = notThere('vscode.CodeLens') as new () => unknown;
    assert.throws(() => new emitter(), /has no vscode\.CodeLens/);
  });
});
