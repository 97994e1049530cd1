import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { signInInBrowser } from './standIn/browser.ts';
import type { Profile } from './standIn/profile.ts';
import type { StandIn, StandInOptions } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

async function signIn(window: StandIn): Promise<void> {
  const signedIn = window.run('omnispindle.signIn');
  await window.screen.press('Allow');
  await signInInBrowser(window);
  await signedIn;
}

describe('a session that the editor has lost', () => {
  const given = useStandIn();

  /** A profile in which somebody has signed in. */
  async function used(options: Partial<StandInOptions> = {}): Promise<Profile> {
    const profile = given.profile();
    const window = await given.start({ profile, ...options });
    await signIn(window);
    await window.deactivate();
    return profile;
  }
  /** Without a keyring VS Code keeps secrets in the memory of a window. */
  const lose = ({ secrets }: Profile) => {
    secrets.clear();
  };
  const lost = /has not kept your last sign-in/;
  async function saysNothing(window: StandIn): Promise<void> {
    await window.api.getAccount();
    await delay(100);
    assert.ok(window.screen.all.every(({ text }) => !lost.test(text)));
  }
  async function on(platform: string, act: () => Promise<void>): Promise<void> {
    const real = Object.getOwnPropertyDescriptor(process, 'platform');
    assert.ok(real);
    Object.defineProperty(process, 'platform', { ...real, value: platform });
    try {
      await act();
    } finally {
      Object.defineProperty(process, 'platform', real);
    }
  }

  for (const without of [[], ['secrets.keys']]) {
    it(`[E10] is said once at the next start, with what to do${without.length > 0 ? ', in an editor that cannot list its secrets' : ''}`, async () => {
      const profile = await used({ without });
      lose(profile);
      const window = await given.start({ profile, without });
      const { text } = await window.screen.see(lost);
      assert.match(text, /install gnome-keyring.*Configure Runtime Arguments.*"gnome-libsecret".*restart/);
      await window.screen.press('Configure Runtime Arguments');
      assert.ok(window.executed.some(({ id }) => id === 'workbench.action.configureRuntimeArguments'));
      assert.match(window.lines.join('\n'), lost);
      await saysNothing(await given.start({ profile, without }));
    });
  }

  it('[E10] is explained by the editor’s own guide', async () => {
    const profile = await used();
    lose(profile);
    const window = await given.start({ profile });
    await window.screen.press('Open Guide');
    await delay(20);
    assert.deepEqual(window.opened, ['https://go.microsoft.com/fwlink/?linkid=2239490']);
  });

  it('[E10] is said again after another sign-in was lost, unless the person wants no more of it', async () => {
    const profile = await used();
    lose(profile);
    const window = await given.start({ profile });
    await window.screen.see(lost);
    await signIn(window);
    await window.deactivate();
    lose(profile);
    const next = await given.start({ profile });
    await next.screen.press('Don’t Show Again');
    await signIn(next);
    await next.deactivate();
    lose(profile);
    const last = await given.start({ profile });
    await saysNothing(last);
    assert.match(last.lines.join('\n'), lost, 'the log has it');
  });

  it('[E10] names no keyring of Linux elsewhere, and names it where the editor’s machine is not known', async () => {
    const profile = await used();
    await on('darwin', async () => {
      lose(profile);
      const window = await given.start({ profile });
      const shown = await window.screen.see(lost);
      assert.doesNotMatch(shown.text, /Linux|gnome/);
      assert.deepEqual(shown.choices, ['Open Guide', 'Don’t Show Again']);
      const remote = { extensionKind: 'workspace', remoteName: 'ssh-remote' } as const;
      await signIn(window);
      await window.deactivate();
      lose(profile);
      const other = await given.start({ profile, ...remote });
      assert.match((await other.screen.see(lost)).text, /On Linux it needs a keyring/);
    });
  });

  it('[E10] is said by one of the windows that open at once, the one that the person looks at', async () => {
    const profile = await used();
    lose(profile);
    const [first, second] = [
      await given.start({ profile, isFocused: false }),
      await given.start({ profile }),
    ];
    await second.screen.see(lost);
    first.setFocused(true);
    await saysNothing(first);
  });

  it('[E10] is said as soon as the person looks at the window', async () => {
    const profile = await used();
    lose(profile);
    const window = await given.start({ profile, isFocused: false });
    await saysNothing(window);
    window.setFocused(false);
    window.setFocused(true);
    await window.screen.see(lost);
  });

  it('[E10] leaves nothing behind but that there was one', async () => {
    const { globalState } = await used();
    const noted = globalState.keys().map(key => [key, globalState.get(key)]);
    assert.ok(noted.some(([key, value]) => key === 'sessionsKept' && value === true));
    assert.doesNotMatch(JSON.stringify(noted.filter(([key]) => key === 'sessionsKept')), /ada|auth0/);
  });
});

describe('a session that the editor has not lost', () => {
  const given = useStandIn();
  const saysNothing = async (window: StandIn) => {
    await window.api.getAccount();
    await delay(100);
    assert.deepEqual(
      window.screen.all.filter(({ kind }) => kind === 'warning').map(({ text }) => text),
      [],
    );
  };
  async function signOut(window: StandIn): Promise<void> {
    const signedOut = window.run('omnispindle.signOut');
    await window.screen.press('Sign Out');
    await signedOut;
  }

  it('[E10] is still there at the next start, and nothing is said', async () => {
    const profile = given.profile();
    await signIn(await given.start({ profile }));
    const next = await given.start({ profile });
    assert.equal((await next.api.getAccount())?.label, 'ada@example.com');
    await saysNothing(next);
  });

  it('[E10] was signed out, or there never was one: nothing is said, whatever else is lost', async () => {
    const profile = given.profile();
    await saysNothing(await given.start({ profile }));
    const window = await given.start({ profile });
    await signIn(window);
    await signOut(window);
    profile.secrets.clear();
    await saysNothing(await given.start({ profile }));
  });

  it('[E10] was signed out in another profile of the editor, which shares its secrets', async () => {
    const profile = given.profile();
    await signIn(await given.start({ profile }));
    const { globalState } = given.profile();
    const other = await given.start({ profile: { ...profile, globalState } });
    await signOut(other);
    await saysNothing(await given.start({ profile }));
  });

  it('[E10] is of another tenant than the settings name now', async () => {
    const profile = given.profile();
    await signIn(await given.start({ profile }));
    profile.set('omnispindle.auth0.clientId', 'another');
    await saysNothing(await given.start({ profile }));
  });

  it('[E10] is in files, in an editor in a browser', async () => {
    const profile = given.profile();
    const window = await given.start({ profile, uiKind: 'web', extensionKind: 'workspace' });
    const signedIn = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await window.screen.press('Copy & Open');
    await signInInBrowser(window);
    await signedIn;
    profile.secrets.clear();
    const next = await given.start({ profile, uiKind: 'web', extensionKind: 'workspace' });
    assert.equal((await next.api.getAccount())?.label, 'ada@example.com');
    await saysNothing(next);
  });
});
