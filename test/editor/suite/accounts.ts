import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  browserFlow,
  callTool,
  eventually,
  person,
  setOption,
  signedOut,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
} from './helpers.ts';

const providerId = 'omnispindle';
const ada = 'ada@example.com';
const grace = 'grace@gmail.example';

/** Which accounts the editor has, by their labels. */
async function labels(): Promise<string[]> {
  return (await vscode.authentication.getAccounts(providerId)).map(({ label }) => label).sort();
}

/** The entry by which the Accounts menu asks to sign in for this extension. */
const request = 'Sign in with Omnispindle to use omnispindle-suite';

/** The entry by which it does for Omnispindle itself. */
const ownRequest = 'Sign in with Omnispindle to use Omnispindle';

async function isOffered(): Promise<boolean> {
  return (await person.readAccounts()).some(entry => entry.includes(ownRequest));
}

describe('accounts side by side, in a browser that stays logged in', () => {
  before(async () => {
    await setOption('signIn.flow', browserFlow);
    await person.leaveTenant();
  });
  beforeEach(() => tenant.resetCounters());
  afterEach(() => person.closeTabs());
  after(() => person.leaveTenant());

  it('[F4] are found in the command palette by the words that people type, while nobody is signed in', async () => {
    for (const [words, title] of Object.entries({
      'sign in': 'Sign In',
      login: 'Sign In',
      'log in': 'Sign In',
      auth0: 'Sign In',
      account: 'Sign In',
      todo: 'Start MCP Server for Todos and Lessons',
      mcp: 'Add MCP Server…',
    })) {
      const found = await person.findCommands(words);
      assert.ok(found.includes(`Omnispindle: ${title}`), `${words}: ${found.join(', ')}`);
    }
    const all = await person.findCommands('Omnispindle: ');
    for (const title of ['Sign Out', 'Show Account', 'Sign In with Another Account…', 'Remove MCP Server…']) {
      assert.ok(!all.includes(`Omnispindle: ${title}`), title);
    }
  });

  it('[F2] begin in the Accounts menu, which has our entry while nobody is signed in', async () => {
    await eventually('the entry at the start', isOffered);
    await person.readAccounts(0, 'accounts-nobody');
    await person.chooseFromAccounts(ownRequest);
    await person.signIn(demoUser);
    await eventually('the account', async () => (await account()) === ada);
    await eventually('the end of the entry', async () => !(await isOffered()));
    await signOutByCommand();
    await eventually('the entry after the sign-out', isOffered);
    await person.leaveTenant();
  });

  it('[F3] are shown in a view of their own with their servers, and sign out there', async () => {
    await vscode.workspace
      .getConfiguration('omnispindle')
      .update('servers', { Loom: { url: 'https://loom.example/mcp' } }, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.view.extension.omnispindle');
    const shows = (what: RegExp) =>
      eventually(String(what), async () => (await person.readView()).some(line => what.test(line)));
    await shows(/No account yet/);
    await signInByCommand();
    await person.signIn(demoUser);
    await shows(/^ada@example\.com/);
    await shows(/^Omnispindle ?not in use/);
    await startServer();
    assert.match(await callTool('whoami'), /ada@example.com/);
    await shows(/^Omnispindle ?in use/);
    const theme = vscode.workspace.getConfiguration('workbench');
    for (const [name, label] of Object.entries({
      light: 'Default Light Modern',
      dark: 'Default Dark Modern',
      'high-contrast': 'Default High Contrast',
    })) {
      await theme.update('colorTheme', label, vscode.ConfigurationTarget.Global);
      await person.screenshot(`view-${name}`);
    }
    await theme.update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
    await signedOut(undefined, async () => {
      await person.chooseFromView(ada, 'Sign Out');
      await person.press('Sign Out');
    });
    await shows(/No account yet/);
    await person.chooseFromView('Loom', 'Remove MCP Server…');
    await eventually('the end of the view', async () => (await person.readView()).length === 0);
    await person.clearNotifications();
    await person.leaveTenant();
    await vscode.commands.executeCommand('workbench.view.explorer');
  });

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
    await person.runCommand('Omnispindle: Sign In with Another Account…');
    await person.press('Allow');
    await person.choose('Sign in to another account');
    await person.signIn('google');
    await eventually('two accounts', async () => (await labels()).length === 2);
    assert.deepEqual(await labels(), [ada, grace]);
    assert.equal((await tenant.counts()).passedThrough, 0);
  });

  it('[F4] are found in the command palette by the words that people type, while somebody is signed in', async () => {
    for (const [words, title] of Object.entries({
      logout: 'Sign Out',
      'log out': 'Sign Out',
      'sign out': 'Sign Out',
      login: 'Sign In with Another Account…',
      'switch account': 'Sign In with Another Account…',
      account: 'Choose Account for MCP Server…',
      auth0: 'Show Account',
    })) {
      const found = await person.findCommands(words);
      assert.ok(found.includes(`Omnispindle: ${title}`), `${words}: ${found.join(', ')}`);
    }
    assert.ok(!(await person.findCommands('Omnispindle: ')).includes('Omnispindle: Sign In'));
  });

  it('are not added where the same person signs in again, which is said', async () => {
    await person.runCommand('Omnispindle: Sign In with Another Account…');
    await person.press('Allow');
    await person.choose('Sign in to another account');
    await person.signIn(demoUser);
    await eventually('the news', async () =>
      (await person.readNotifications()).includes(`You signed in as ${ada} again`),
    );
    assert.deepEqual(await labels(), [ada, grace]);
    await person.clearNotifications();
  });

  it('get more scopes without typing, and nobody else is taken for them', async () => {
    const accounts = await vscode.authentication.getAccounts(providerId);
    const more = (label: string) =>
      vscode.authentication.getSession(providerId, ['write:todos'], {
        createIfNone: true,
        account: accounts.find(each => each.label === label)!,
      });
    const mismatch = () =>
      eventually('the question', async () =>
        (await person.readMessages()).includes(`You signed in as ${ada}, but ${grace}`),
      );
    // The browser is logged in as Ada.
    const same = more(ada);
    await person.press('Allow');
    await person.passThrough();
    assert.equal((await same).account.label, ada);
    assert.equal((await tenant.counts()).passedThrough, 1);

    await person.closeTabs();
    const refused = assert.rejects(
      Promise.resolve(more(grace)),
      /You signed in as ada@example.com, but grace/,
    );
    await person.press('Allow');
    await person.passThrough();
    await mismatch();
    await person.press('Cancel');
    await refused;
    assert.deepEqual(await labels(), [ada, grace]);

    await person.closeTabs();
    const asked = more(grace);
    await person.press('Allow');
    await person.passThrough();
    await mismatch();
    await person.press('Try Again with a Fresh Login');
    await person.signIn('google');
    const session = await asked;
    assert.deepEqual([session.account.label, session.scopes], [grace, ['write:todos']]);
  });

  it('sign out one after the other, and of the browser too where that is wished', async () => {
    await person.signOutFromAccounts(ada);
    await person.press('Sign Out');
    await eventually('the sign-out', async () => !(await labels()).includes(ada));
    // The browser is logged in as the other one.
    await signedOut(undefined, async () => {
      await person.runCommand('Omnispindle: Sign Out');
      await person.press('Sign Out of the Browser Too');
    });
    await person.passThrough();
    await eventually('the logout', async () => (await tenant.counts()).logouts === 1);
    await person.closeTabs();
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    assert.equal((await tenant.counts()).passedThrough, 0);
    await signOutByCommand();
  });
});
