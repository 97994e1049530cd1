import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  browserFlow,
  callTool,
  clipboard,
  eventually,
  person,
  setOption,
  signedOut,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
} from './helpers.ts';

describe('signing in and out', () => {
  beforeEach(() => tenant.resetCounters());
  afterEach(() => person.leaveTenant());

  it('asks at an agent’s first call with the editor’s consent and the URI handler, and the tool runs as the person', async () => {
    await setOption('signIn.flow', 'uriHandler');
    await startServer();
    const who = callTool('whoami');
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match(await who, /ada@example.com/);
    await person.runCommand('MCP: List Servers');
    await person.choose('Omnispindle');
    await person.choose('Show Output');
    const added = callTool('add_todo', { description: 'Card the wool', project: 'editor' });
    await eventually('the question', async () => (await person.readMessages()).includes('Yes'));
    await person.screenshot('tools');
    await person.press('Yes');
    await added;
    assert.match(await callTool('query_todos', { filter: { project: 'editor' } }), /Card the wool/);
    await vscode.commands.executeCommand('workbench.action.closePanel');
    const counters = await tenant.counters();
    assert.equal(counters['token:authorization_code'], 1);
    assert.equal(counters['authorize'], 1);
  });

  it('shows the account in the Accounts menu', async () => {
    await eventually('the entry of the account', async () =>
      (await person.readAccounts(0, 'accounts')).some(entry => entry.includes('ada@example.com')),
    );
  });

  it('signs out from the Accounts menu: the session is revoked and the next tool call asks again, then completes', async () => {
    assert.equal(await tenant.liveSessions(), 1);
    await signedOut(undefined, async () => {
      await person.signOutFromAccounts('ada@example.com');
      await person.press('Sign Out');
    });
    await eventually('the end of the session at the tenant', async () => (await tenant.liveSessions()) === 0);
    const called = callTool('whoami');
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match(await called, /ada@example.com/);
    assert.equal(await tenant.liveSessions(), 1);
  });

  it('signs out from the command palette, after asking', async () => {
    await signOutByCommand();
    await eventually('the end of the session at the tenant', async () => (await tenant.liveSessions()) === 0);
    assert.equal(await account(), undefined);
    assert.equal((await tenant.counters())['revoke'], 1);
  });

  // What is left out counts as failed: where the flow cannot be had there is nothing to test.
  if (browserFlow === 'loopback') {
    it('signs in by the loopback callback', async () => {
      await setOption('signIn.flow', 'loopback');
      await signInByCommand();
      const page = await person.signIn(demoUser);
      assert.match(page, /You may close this page/);
      await eventually('the session', async () => (await account()) === 'ada@example.com');
      await signOutByCommand();
    });
  }

  it('signs in with a device code, which is copied and shown', async () => {
    await person.runCommand('Omnispindle: Sign In with a Device Code');
    await eventually('the code', async () => /Your code: \S+/.exec(await person.readMessages())?.[0]);
    await person.screenshot('device-code');
    await person.press('Copy & Open');
    await person.signIn(demoUser);
    await eventually('the session', account);
    assert.match(await clipboard(), /^[A-Z]{4}-[A-Z]{4}$/);
    assert.equal((await tenant.counters())['token:device_code'], 1);
    await signOutByCommand();
  });

  it('goes on with a code from the waiting notification', async () => {
    await setOption('signIn.flow', 'uriHandler');
    await signInByCommand();
    await person.seeLoginPage();
    await person.screenshot('signing-in');
    await person.closeTabs();
    await person.follow('Use a code instead');
    await person.press('Copy & Open');
    await person.signIn(demoUser);
    await eventually('the session', account);
    assert.equal((await tenant.counters())['token:device_code'], 1);
    await signOutByCommand();
  });

  it('[T3] names a tenant that is not Omnispindle’s own while it waits for the browser', async () => {
    const domain = vscode.workspace.getConfiguration('omnispindle').get<string>('auth0.domain') ?? '';
    await setOption('signIn.flow', 'uriHandler');
    await signInByCommand();
    await person.seeLoginPage();
    await person.closeTabs();
    const { host } = new URL(domain);
    await eventually('the waiting notification', async () =>
      (await person.readMessages()).includes(`in the browser, at ${host}…`),
    );
    await person.press('Cancel');
    await eventually('its end', async () => !(await person.readMessages()).includes('Waiting'));
  });

  if (vscode.env.uiKind === vscode.UIKind.Web) {
    it('chooses the device code by itself in a browser-hosted editor, and stops when the person cancels', async () => {
      await setOption('signIn.flow', 'auto');
      await signInByCommand();
      await person.press('Copy & Open');
      await person.seeLoginPage();
      await person.press('Cancel');
      await eventually(
        'the end of the waiting',
        async () => !(await person.readMessages()).includes('Waiting'),
      );
      assert.equal(await account(), undefined);
    });
  } else {
    it('chooses the URI handler by itself on the desktop', async () => {
      await setOption('signIn.flow', 'auto');
      await signInByCommand();
      await person.signIn(demoUser);
      await eventually('the session', account);
      assert.equal((await tenant.counters())['token:authorization_code'], 1);
      await signOutByCommand();
    });
  }

  it('gives the model a plain error where the person refuses in the editor', async () => {
    const called = callTool('whoami');
    await person.press('Cancel');
    assert.match(await called, /nobody is signed in.*Sign in from the Accounts menu/);
    assert.equal((await tenant.counters())['authorize'], undefined);
  });

  it('gives the model a plain error where the person cancels at the tenant', async () => {
    await setOption('signIn.flow', 'uriHandler');
    // A sign-in ends the no of the test before.
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    await signOutByCommand();
    await person.leaveTenant();
    const called = callTool('whoami');
    await person.press('Allow');
    await person.signIn('cancel');
    assert.match(await called, /refused or cancelled.*Sign in from the Accounts menu/s);
    // The page in the browser has said it.
    assert.doesNotMatch(await person.readMessages(), /refused or cancelled/);
    assert.equal(await account(), undefined);
  });

  it('never asks a workspace where to sign in', async () => {
    const configuration = vscode.workspace.getConfiguration('omnispindle');
    await assert.rejects(
      Promise.resolve(
        configuration.update('auth0.domain', 'evil.example', vscode.ConfigurationTarget.Workspace),
      ),
    );
    assert.equal(configuration.inspect('auth0.domain')?.workspaceValue, undefined);
  });
});
