import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { signInByForm } from '../tenant/browserless.ts';
import { callback, callbackPort } from '../tenant/callbackPort.ts';
import { hurryTimers } from './hurryTimers.ts';
import { nextOpened, signInInBrowser } from './standIn/browser.ts';
import type { StandIn, StandInOptions } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const registered = 'vscode://omnispindle.omnispindle/callback';
/** What VS Code adds to an address of its own (`RelayURLService`). */
const windowOf = (id: number) => (address: string) => `${address}?windowId=${String(id)}`;

function parameter(address: string, name: string): string {
  return new URL(address).searchParams.get(name) ?? '';
}

describe('a callback to the editor’s own address', () => {
  const given = useStandIn();

  async function begin(
    options: Partial<StandInOptions> = {},
  ): Promise<{ window: StandIn; signedIn: Promise<unknown> }> {
    const window = await given.start(options);
    const signedIn = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    return { window, signedIn };
  }
  const account = async (window: StandIn) => (await window.api.getAccount())?.label;

  it('[E7] names the window in the state, and comes back to the registered address alone', async () => {
    const { window, signedIn } = await begin({ asExternalUri: windowOf(5) });
    const last = await signInInBrowser(window);
    await signedIn;
    const [opened = ''] = window.opened;
    assert.equal(parameter(opened, 'redirect_uri'), registered);
    assert.match(parameter(opened, 'state'), /^[\w-]{43}\.windowId=5$/);
    assert.ok(last.startsWith(`${registered}?`));
    assert.equal(/\bwindowId=(\d+)/.exec(decodeURIComponent(last))?.[1], '5');
    assert.equal(await account(window), 'ada@example.com');
  });

  it('[E7] reaches the window that waits also where another one gets it', async () => {
    const profile = given.profile();
    const { window, signedIn } = await begin({ profile, asExternalUri: windowOf(5) });
    const other = await given.start({ profile, asExternalUri: windowOf(6) });
    const { url } = await signInByForm(await nextOpened(window));
    await other.handleUri(url);
    await signedIn;
    assert.equal(await account(window), 'ada@example.com');
  });

  for (const [what, asExternalUri] of [
    ['fails', () => Promise.reject(new Error('no'))],
    ['says nothing', () => new Promise<never>(() => undefined)],
    ['names no window', (address: string) => address],
    ['names a window that is no number', (address: string) => `${address}?windowId=_blank`],
    ['leads through a web page', () => 'https://vscode.dev/redirect?windowId='],
  ] as const) {
    it(`[E7] does without the window where the editor ${what} when it is asked`, async () => {
      const { window, signedIn } = await begin({ asExternalUri });
      await signInInBrowser(window);
      await signedIn;
      const [opened = ''] = window.opened;
      assert.equal(parameter(opened, 'redirect_uri'), registered);
      assert.match(parameter(opened, 'state'), /^[\w-]{43}$/);
    });
  }

  for (const uriScheme of ['vscode-insiders', 'vscodium', 'cursor', 'windsurf', 'kiro', 'theia', '']) {
    it(`[E7] that the tenant does not know, of the scheme "${uriScheme}", leads to a page on this machine`, async () => {
      const { window, signedIn } = await begin({ uriScheme });
      const last = await signInInBrowser(window);
      await signedIn;
      assert.ok(last.startsWith(callback));
      assert.equal(window.opened.length, 1);
      assert.equal(await account(window), 'ada@example.com');
      const log = window.lines.join('\n');
      if (uriScheme) assert.match(log, new RegExp(`does not allow the callback ${uriScheme}://`));
      assert.match(log, /Signing in by loopback/);
    });
  }

  it('[E7] that the tenant does not know leads to a code where another program holds the port', async () => {
    const stranger = createServer().listen(callbackPort, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      const { window, signedIn } = await begin({ uriScheme: 'cursor' });
      await window.screen.press('Copy & Open');
      await signInInBrowser(window);
      await signedIn;
      assert.equal(await account(window), 'ada@example.com');
      assert.equal(given.tenant.counters()['authorize'], undefined, 'no page was opened before');
    } finally {
      stranger.close();
    }
  });

  for (const [where, options, isHere] of [
    ['beside the window', { extensionKind: 'ui' }, true],
    ['beside a window that is connected over SSH', { extensionKind: 'ui', remoteName: 'ssh-remote' }, true],
    ['on a machine over SSH', { extensionKind: 'workspace', remoteName: 'ssh-remote' }, false],
    ['in WSL', { extensionKind: 'workspace', remoteName: 'wsl' }, false],
    ['in a container', { extensionKind: 'workspace', remoteName: 'dev-container' }, false],
  ] satisfies [string, Partial<StandInOptions>, boolean][]) {
    it(`[E7] that the tenant does not know leads to ${isHere ? 'a page on this machine' : 'a code'} where the extension runs ${where}`, async () => {
      const { window, signedIn } = await begin({ uriScheme: 'cursor', ...options });
      if (isHere) assert.ok((await signInInBrowser(window)).startsWith(callback));
      else (await window.screen.see(/Your code/)).dismiss();
      await signedIn;
      assert.equal(window.opened.length, isHere ? 1 : 0);
    });

    it(`[E7] that the tenant knows is used where the extension runs ${where}`, async () => {
      const { window, signedIn } = await begin(options);
      assert.ok((await signInInBrowser(window)).startsWith(registered));
      await signedIn;
    });
  }
});

describe('a callback that does not come', () => {
  const given = useStandIn();
  hurryTimers(60_000, 300);

  async function late(options: Partial<StandInOptions> = {}) {
    const window = await given.start(options);
    const signedIn = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    const page = await nextOpened(window);
    const before = await window.screen.see(/Waiting for you to sign in in the browser/);
    assert.ok(!before.text.includes('Use a Page on This Computer'));
    const offer = await window.screen.see(/cannot come back to this editor/);
    assert.ok(!before.isOpen);
    return { window, signedIn, page, offer };
  }

  it('[E7] has the other flows offered after a minute, opens nothing by itself, and is still waited for', async () => {
    const { window, signedIn, page, offer } = await late();
    assert.match(offer.text, /\[Use a Page on This Computer\].*\[Use a Code\]/);
    await delay(500);
    assert.deepEqual(window.opened, [page]);
    await window.handleUri((await signInByForm(page)).url);
    await signedIn;
    assert.ok(!offer.isOpen);
    assert.equal((await window.api.getAccount())?.label, 'ada@example.com');
  });

  it('[E7] is not waited for any more once a code has been entered', async () => {
    const { window, signedIn, page } = await late();
    await window.screen.follow('Use a Code');
    await window.screen.press('Copy & Open');
    await signInInBrowser(window, undefined, { seen: 1 });
    await signedIn;
    assert.equal(given.tenant.counters()['token:device_code'], 1);
    assert.ok(window.screen.all.every(({ kind, isOpen }) => kind !== 'progress' || !isOpen));
    const { url } = await signInByForm(page);
    await window.handleUri(url);
    await window.screen.see(/no longer waiting/);
    assert.equal(given.tenant.counters()['token:authorization_code'], undefined);
  });

  it('[E7] is not waited for any more once the page on this machine was reached', async () => {
    const { window, signedIn } = await late();
    await window.screen.follow('Use a Page on This Computer');
    assert.ok((await signInInBrowser(window, undefined, { seen: 1 })).startsWith(callback));
    await signedIn;
    assert.equal(given.tenant.counters()['token:authorization_code'], 1);
  });

  it('[E7] may come after all, while another flow waits too, which is given up with its port', async () => {
    const { window, signedIn, page } = await late();
    await window.screen.follow('Use a Page on This Computer');
    await nextOpened(window, 1);
    await window.screen.follow('Use a Code');
    await window.screen.press('Copy & Open');
    await nextOpened(window, 2);
    await window.handleUri((await signInByForm(page)).url);
    await signedIn;
    const server = createServer().listen(callbackPort, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    assert.ok(window.screen.all.every(({ kind, isOpen }) => kind !== 'progress' || !isOpen));
  });

  it('[E7] may come from the same page that is opened again', async () => {
    const { window, signedIn, page, offer } = await late();
    await window.screen.follow('Open the Page Again');
    assert.equal(await nextOpened(window, 1), page);
    assert.ok(offer.isOpen);
    await signInInBrowser(window, undefined, { seen: 1 });
    await signedIn;
  });

  it('[E7] has only a code offered where no port of this machine can be reached', async () => {
    const { window, signedIn, offer } = await late({ extensionKind: 'workspace', remoteName: 'ssh-remote' });
    assert.ok(!offer.text.includes('Use a Page on This Computer'));
    assert.match(offer.text, /\[Use a Code\]/);
    offer.dismiss();
    await signedIn;
    assert.equal(await window.api.getAccount(), undefined);
  });

  it('[E7] goes on being waited for where the flow that was chosen cannot work, which is said', async () => {
    const stranger = createServer().listen(callbackPort, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      const { window, signedIn, page } = await late();
      await window.screen.follow('Use a Page on This Computer');
      const said = await window.screen.see(new RegExp(`Port ${String(callbackPort)} is used`));
      assert.match(said.text, /\[Use a Page on This Computer\]/);
      await window.handleUri((await signInByForm(page)).url);
      await signedIn;
    } finally {
      stranger.close();
    }
  });

  it('[E8] goes on being waited for where the person closes the dialog of the code', async () => {
    const { window, signedIn, page } = await late();
    await window.screen.follow('Use a Code');
    (await window.screen.see(/Your code/)).dismiss();
    await delay(100);
    const [waits, ...others] = window.screen.all.filter(({ kind, isOpen }) => kind === 'progress' && isOpen);
    assert.match(waits?.text ?? '', /\[Use a Code\]/);
    assert.deepEqual(others, []);
    await window.handleUri((await signInByForm(page)).url);
    await signedIn;
  });
});
