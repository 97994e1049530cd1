import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { signInByForm } from '../tenant/browserless.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { StandIn, StandInOptions } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const ways = {
  'says that it did not open': () => false,
  throws: () => {
    throw new Error('No application knows this address.');
  },
  fails: () => Promise.reject(new Error('xdg-open is not there.')),
};

describe('a browser that does not open', () => {
  const given = useStandIn();

  /** Begins a sign-in with a browser that can be mended. */
  async function begin(open: () => boolean | Promise<boolean>, options: Partial<StandInOptions> = {}) {
    const asked: string[] = [];
    let isMended = false;
    const window = await given.start({
      openExternal: address => {
        asked.push(address);
        return isMended || open();
      },
      ...options,
    });
    const run = async (command: string) => {
      const signedIn = window.run(command);
      if (command === 'omnispindle.signIn') await window.screen.press('Allow');
      return signedIn;
    };
    return {
      window,
      asked,
      run,
      mend: () => {
        isMended = true;
      },
    };
  }
  const account = async (window: StandIn) => (await window.api.getAccount())?.label;
  const complaints = (window: StandIn) =>
    window.screen.all.filter(({ kind }) => kind === 'error' || kind === 'warning').map(({ text }) => text);

  for (const [what, open] of Object.entries(ways)) {
    it(`[E8] has its address shown, to be copied and opened by hand, where the editor ${what}`, async () => {
      const { window, asked, run } = await begin(open);
      const signedIn = run('omnispindle.signIn');
      const shown = await window.screen.see(/No browser opened/);
      const [address = ''] = asked;
      assert.ok(shown.text.endsWith(address), shown.text);
      await window.screen.follow('Copy Address');
      assert.equal(window.clipboard(), address);
      await window.screen.see(/Copied/);
      await window.handleUri((await signInByForm(window.clipboard())).url);
      await signedIn;
      assert.equal(await account(window), 'ada@example.com');
      assert.ok(!shown.isOpen);
      assert.deepEqual(complaints(window), []);
    });

    it(`[E8] can be tried again, with the same sign-in, where the editor ${what}`, async () => {
      const { window, asked, run, mend } = await begin(open);
      const signedIn = run('omnispindle.signIn');
      await window.screen.follow('Try Again');
      await window.screen.see(/No browser opened/);
      assert.equal(asked.length, 2);
      mend();
      await window.screen.follow('Try Again');
      await window.screen.see(/Waiting for you to sign in in the browser/);
      await signInInBrowser(window);
      await signedIn;
      assert.deepEqual(new Set(asked).size, 1);
      assert.equal(await account(window), 'ada@example.com');
    });

    it(`[E8] leaves the code and its page in the notification where the editor ${what}`, async () => {
      const { window, asked, run } = await begin(open);
      const signedIn = run('omnispindle.signInWithDeviceCode');
      await window.screen.press('Copy & Open');
      const { text } = await window.screen.see(/No browser opened/);
      const [address = ''] = asked;
      const code = window.clipboard();
      assert.match(code, /^[A-Z]{4}-[A-Z]{4}$/);
      assert.ok(text.includes(`Enter the code ${code} `) && text.endsWith(address), text);
      await window.screen.follow('Copy Address');
      assert.equal(window.clipboard(), address);
      await window.screen.follow('Copy Code');
      assert.equal(window.clipboard(), code);
      await signInByForm(address);
      await signedIn;
      assert.equal(await account(window), 'ada@example.com');
      assert.deepEqual(complaints(window), []);
    });

    it(`[E8] has the address shown by which it is logged out, where the editor ${what}`, async () => {
      const { window, run } = await begin(open);
      const signedIn = run('omnispindle.signIn');
      await window.screen.follow('Copy Address');
      await window.handleUri((await signInByForm(window.clipboard())).url);
      await signedIn;
      const leaving = run('omnispindle.signOut');
      await window.screen.press('Sign Out of the Browser Too');
      const { text } = await window.screen.see(/No browser opened.*logout/);
      await window.screen.press('Copy Address');
      await leaving;
      assert.ok(text.endsWith(window.clipboard()));
    });
  }

  it('[E8] has the code and its page in the notification also where it opens', async () => {
    const { window, run } = await begin(() => true);
    const signedIn = run('omnispindle.signInWithDeviceCode');
    await window.screen.press('Copy & Open');
    const code = window.clipboard();
    const { text } = await window.screen.see(/Waiting for you to enter the code/);
    assert.ok(text.includes(code));
    await window.run('omnispindle.showLog');
    await window.screen.follow('Copy Code');
    assert.equal(window.clipboard(), code);
    await window.screen.follow(`${given.tenant.domain}/activate`);
    assert.equal(window.opened.length, 2);
    await signInInBrowser(window, undefined, { seen: 1 });
    await signedIn;
  });

  it('[E8] needs no clipboard: the code stays in the notification, and what cannot be copied is said', async () => {
    const clipboard = {
      readText: () => Promise.resolve(''),
      writeText: () => Promise.reject(new Error('There is no clipboard.')),
    };
    const { window, asked, run } = await begin(() => true, { members: { env: { clipboard } } });
    const signedIn = run('omnispindle.signInWithDeviceCode');
    const dialog = await window.screen.see(/Your code: (\S+)/);
    const code = dialog.text.split(': ')[1] ?? '';
    await window.screen.press('Copy & Open');
    const { text } = await window.screen.see(/Waiting for you to enter the code/);
    assert.ok(text.includes(code));
    await window.screen.follow('Copy Code');
    await window.screen.see(/could not be copied/);
    await signInByForm(asked[0] ?? '');
    await signedIn;
    assert.equal(await account(window), 'ada@example.com');
  });

  it('[E8] does not let a link act after its sign-in has ended, or for another one', async () => {
    const { window, run } = await begin(() => true);
    const signedIn = run('omnispindle.signIn');
    const { text } = await window.screen.see(/Waiting for you to sign in/);
    const [, id = '', args = ''] = /command:([\w.]+)\?([^)]+)/.exec(text) ?? [];
    const [number] = JSON.parse(decodeURIComponent(args)) as [number, string];
    for (const wrong of [
      [number + 1, 'deviceCode'],
      [number, 'constructor'],
      [number, '__proto__'],
      [number],
      [],
      [String(number), 'deviceCode'],
    ]) {
      await window.run(id, ...wrong);
    }
    await signInInBrowser(window);
    await signedIn;
    await window.run(id, number, 'deviceCode');
    await delay(100);
    assert.equal(given.tenant.counters()['device_code'], undefined);
    assert.equal(window.opened.length, 1);
  });
});

describe('a sign-in that the person cancels', () => {
  const given = useStandIn();

  const stages: Record<string, { command: string; cancel(window: StandIn): Promise<void> }> = {
    'in the editor’s own question': {
      command: 'omnispindle.signIn',
      async cancel({ screen }) {
        (await screen.see(/wants to sign in/)).dismiss();
      },
    },
    'in the notification': {
      command: 'omnispindle.signIn',
      async cancel({ screen }) {
        await screen.see(/Waiting for you to sign in/);
        await screen.press('Cancel');
      },
    },
    'in the notification of a browser that has not opened': {
      command: 'omnispindle.signIn',
      async cancel({ screen }) {
        await screen.see(/No browser opened/);
        await screen.press('Cancel');
      },
    },
    'in the dialog of the code': {
      command: 'omnispindle.signInWithDeviceCode',
      async cancel({ screen }) {
        (await screen.see(/Your code/)).dismiss();
      },
    },
    'in the notification of the code': {
      command: 'omnispindle.signInWithDeviceCode',
      async cancel({ screen }) {
        await screen.press('Copy & Open');
        await screen.see(/enter the code/i);
        await screen.press('Cancel');
      },
    },
    'while the browser is still opening': {
      command: 'omnispindle.signIn',
      async cancel({ screen }) {
        await screen.see(/Waiting for you to sign in/);
        await screen.press('Cancel');
      },
    },
    'while the tenant takes its time': {
      command: 'omnispindle.signIn',
      async cancel({ screen }) {
        await screen.see(/Asking localhost:\d+ for the sign-in page/);
        await screen.press('Cancel');
      },
    },
    'while the tenant takes its time with a code': {
      command: 'omnispindle.signInWithDeviceCode',
      async cancel({ screen }) {
        await screen.see(/Asking localhost:\d+ for the sign-in page/);
        await screen.press('Cancel');
      },
    },
  };
  for (const [stage, { command, cancel }] of Object.entries(stages)) {
    it(`[E8] ends at once and without a word: ${stage}`, async () => {
      // What was discovered of a tenant is remembered; a window has modules of its own.
      if (stage.includes('tenant')) given.tenant.setMode('slow', 5_000);
      const window = await given.start({
        openExternal: () =>
          stage.includes('still') ? new Promise<never>(() => undefined) : !stage.includes('has not'),
      });
      const signedIn = window.run(command);
      if (command === 'omnispindle.signIn' && !stage.includes('own')) await window.screen.press('Allow');
      await cancel(window);
      await signedIn;
      const left = window.screen.all.filter(({ isOpen, kind }) => isOpen && kind !== 'statusBar');
      assert.deepEqual(left, []);
      assert.ok(window.screen.all.every(({ kind }) => kind !== 'error' && kind !== 'warning'));
      assert.equal(await window.api.getAccount(), undefined);
    });
  }

  it('[E8] is told of what else went wrong, once', async () => {
    const profile = given.profile({
      'omnispindle.signIn.flow': 'loopback',
      'omnispindle.signIn.callbackPort': 'x',
    });
    const wrong = await given.start({ profile });
    for (const time of [1, 2]) {
      const signedIn = wrong.run('omnispindle.signIn');
      await wrong.screen.press('Allow');
      await signedIn;
      const errors = wrong.screen.all.filter(({ kind }) => kind === 'error');
      assert.equal(errors.length, time);
      assert.match(errors.at(-1)?.text ?? '', /callbackPort must be a port number/);
      assert.deepEqual(errors.at(-1)?.choices, ['Open Settings']);
    }
  });
});
