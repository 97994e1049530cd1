import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { googleUser } from '../tenant/accounts.ts';
import { call } from '../terminal/fixtures.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { StandIn } from './standIn/startExtension.ts';
import type { TreeLine } from './standIn/tree.ts';
import { useOurServer } from './standIn/useOurServer.ts';
import { useStandIn } from './standIn/useStandIn.ts';

const servers = {
  Loom: { url: 'http://127.0.0.1:9/mcp', audience: 'https://loom.example/' },
  Broken: { url: 'ftp://example.com' },
};

/** What the view shows, without what is below the servers. */
async function outline(window: StandIn): Promise<Record<string, string[]>> {
  const lines = await window.tree('omnispindle.accounts');
  return Object.fromEntries(
    lines.map(({ label, below }) => [label, below.map(server => `${server.label}: ${server.description}`)]),
  );
}

async function serverLine(window: StandIn, name: string): Promise<TreeLine> {
  const lines = await window.tree('omnispindle.accounts');
  const found = lines.flatMap(({ below }) => below).find(({ label }) => label === name);
  assert.ok(found, `The view does not show ${name}.`);
  return found;
}

const details = (line: TreeLine) => line.below.map(({ label }) => label);

describe('the view of accounts and their servers', () => {
  const given = useStandIn();
  const start = useOurServer(given);

  async function signIn(window: StandIn, seen = 0): Promise<void> {
    const command = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window, undefined, { seen });
    await command;
  }

  it('[F3] shows the servers of nobody, then those of the account, with API and token, and never a token', async () => {
    const profile = given.profile({ 'omnispindle.servers': servers });
    const window = await given.start({ profile });
    assert.deepEqual(await outline(window), {
      'No account yet': ['Omnispindle: not in use', 'Loom: not in use', 'Broken: failed'],
    });
    assert.match(details(await serverLine(window, 'Broken')).join(), /Last error: .*ftp/);
    assert.deepEqual(details(await serverLine(window, 'Loom')), [
      'API: https://loom.example/',
      'Token: none, nobody is signed in for it',
    ]);
    await signIn(window);
    await eventually('the account', async () => 'ada@example.com' in (await outline(window)));
    assert.deepEqual(Object.keys(await outline(window)), ['ada@example.com']);
    assert.match(details(await serverLine(window, 'Omnispindle')).join(), /API: .*Token: renewed by \d/);
    assert.match(details(await serverLine(window, 'Loom')).join(), /it gets one at its first call/);
    const shown = JSON.stringify(await window.tree('omnispindle.accounts'), (key, value: unknown) =>
      key === 'node' ? undefined : value,
    );
    assert.doesNotMatch(shown, /eyJ/);
  });

  it('[F3] shows a server in use while it is connected, and hears when it is not any more', async () => {
    const window = await given.start();
    await signIn(window);
    const client = await start(window);
    assert.equal((await call(client, 'whoami')).result?.['email'], 'ada@example.com');
    await eventually(
      'its use',
      async () => (await serverLine(window, 'Omnispindle')).description === 'in use',
    );
    const changes = window.treeChanges();
    await client.close();
    await eventually('the news', () => window.treeChanges() > changes);
    await eventually(
      'its end',
      async () => (await serverLine(window, 'Omnispindle')).description === 'not in use',
    );
  });

  it('[F3] hears that a server is in use again, as the same account, once it is known which one it is', async () => {
    const window = await given.start();
    await signIn(window);
    for (const time of ['first', 'second']) {
      const client = await start(window);
      let shown = '';
      const looking = setInterval(() => {
        // As an editor does, it looks only where it was told that something has changed.
        if (window.treeChanges() === seen) return;
        seen = window.treeChanges();
        void serverLine(window, 'Omnispindle').then(({ description }) => (shown = description));
      }, 1);
      let seen = window.treeChanges();
      await call(client, 'whoami');
      await eventually(`its ${time} use`, () => shown === 'in use');
      clearInterval(looking);
      await client.close();
    }
  });

  it('[F3] shows a server that has ended under the account that the editor prefers, whoever it ran as', async () => {
    const window = await given.start();
    await signIn(window);
    const client = await start(window);
    await call(client, 'whoami');
    await client.close();
    const command = window.run('omnispindle.signInWithAnotherAccount');
    await window.screen.press('Allow');
    await signInInBrowser(window, 'google', { seen: 1 });
    await command;
    assert.deepEqual(await outline(window), {
      'ada@example.com': [],
      [googleUser.email]: ['Omnispindle: not in use'],
    });
  });

  it('[F3] says in the status bar when a server waits for a sign-in, and when it got none', async () => {
    const window = await given.start();
    const client = await start(window);
    assert.deepEqual(window.statusBar, []);
    const called = call(client, 'whoami');
    await eventually('the item', () =>
      window.statusBar[0]?.text.includes('Omnispindle waits for your sign-in'),
    );
    assert.equal((await serverLine(window, 'Omnispindle')).description, 'waits for your sign-in');
    const question = await window.screen.see(/wants to sign in/);
    question.dismiss();
    await called.catch(() => undefined);
    await eventually('the failure', () => window.statusBar[0]?.command === 'omnispindle.signIn');
    assert.equal((await serverLine(window, 'Omnispindle')).description, 'failed');
    await signIn(window);
    await eventually('nothing to do', () => window.statusBar.length === 0);
    assert.notEqual((await serverLine(window, 'Omnispindle')).description, 'failed');
  });

  it('[F3] says in the status bar that a session has ended, until the person signs in again', async () => {
    const window = await given.start();
    given.tenant.setTokenLifetime(1);
    await signIn(window);
    given.tenant.setTokenLifetime(3_600);
    assert.deepEqual(window.statusBar, []);
    await given.tenant.revokeSessions();
    await delay(1_100);
    // Whoever asks for a token finds that out.
    assert.equal(await window.getSession('omnispindle', [], { silent: true }), undefined);
    await eventually('the item', () => window.statusBar[0]?.text.includes('Sign in again: ada@example.com'));
    await signIn(window, 1);
    await eventually('nothing to do', () => window.statusBar.length === 0);
  });

  it('[F3] has menus that sign out, choose an account, edit and remove what they were opened on', async () => {
    const profile = given.profile({ 'omnispindle.servers': servers });
    const window = await given.start({ profile });
    await signIn(window);
    const loom = await serverLine(window, 'Loom');
    assert.equal(loom.menu, 'ownServer');
    assert.equal((await serverLine(window, 'Omnispindle')).menu, 'bundledServer');
    const choosing = window.run('omnispindle.chooseAccount', loom.node);
    await (await window.screen.see(/Which account should Loom run as/)).answer('ada@example.com');
    await choosing;
    const removing = window.run('omnispindle.removeServer', loom.node);
    (await window.screen.see(/Loom was removed/)).dismiss();
    await removing;
    assert.deepEqual(Object.keys(profile.settings.get('omnispindle.servers') as object), ['Broken']);
    const [account] = await window.tree('omnispindle.accounts');
    const leaving = window.run('omnispindle.signOut', account?.node);
    await window.screen.press('Sign Out');
    await leaving;
    assert.deepEqual(Object.keys(await outline(window)), ['No account yet']);
  });
});
