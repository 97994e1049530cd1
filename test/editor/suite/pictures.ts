import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { sayInChat, typeInChat } from './chat.ts';
import { startDemoAgent } from './demoAgent.ts';
import {
  account,
  apis,
  callTool,
  eventually,
  person,
  setOption,
  signInByCommand,
  startServer,
} from './helpers.ts';
import { accountsPictures, pictures, useTheme, themes } from './themes.ts';

const run = (command: string, ...input: unknown[]) => vscode.commands.executeCommand(command, ...input);
const question = '@demo Add a todo: water the plants';

// No tests: what the walkthrough and the README show, and what people look at before a release.
describe('pictures', () => {
  before(async () => {
    startDemoAgent();
    await setOption('signIn.flow', 'uriHandler');
    await useTheme(themes.dark);
    await run('workbench.action.closeSidebar');
    await typeInChat('');
    // The editors' part makes room for the chat.
    for (let times = 0; times < 4; times++) await run('workbench.action.decreaseViewWidth');
  });

  it('of the Accounts menu while nobody is signed in', () => accountsPictures('accounts-signed-out'));

  it('of a server that waits for a sign-in', async () => {
    await startServer();
    const called = callTool('whoami');
    await person.see('Allow');
    await pictures('server-consent');
    await person.press('Allow');
    await person.seeLoginPage();
    await pictures('status-bar');
    await person.closeTabs();
    await person.press('Cancel');
    await called.catch(() => undefined);
  });

  it('of the sign-in', async () => {
    await person.runCommand('Omnispindle: Sign In');
    await person.see('Allow');
    await pictures('consent');
    await person.press('Allow');
    await person.seeLoginPage();
    await pictures('waiting');
    await person.signIn(demoUser);
    await eventually('the session', account);
    await person.see('You are signed in as');
    await pictures('signed-in');
    await person.clearNotifications();
  });

  it('of the Accounts menu while somebody is signed in', () => accountsPictures('accounts-signed-in'));

  it('of a tool call', async () => {
    await typeInChat(question);
    await pictures('chat-question');
    await sayInChat(question);
    await person.see('Allow in this Session');
    await pictures('chat-confirmation');
    await person.press('Allow in this Session');
    await person.see('is on your list');
    await pictures('chat-answer');
  });

  it('of the list of servers', async () => {
    await run('workbench.action.closeAuxiliaryBar');
    await person.runCommand('MCP: List Servers');
    await pictures('servers');
    await person.pressKey('Escape');
  });

  it('of adding a server', async () => {
    await person.runCommand('Omnispindle: Add MCP Server…');
    await pictures('add-server-kind');
    await person.choose('Remote server', 'Which kind of MCP server');
    await person.enter('notes.example/mcp', 'Address of the MCP server');
    await pictures('add-server-address');
    await person.pressKey('Escape');
  });

  it('of another account', async () => {
    await setOption('servers', { Notes: { url: apis.notes } });
    await person.leaveTenant();
    await signInByCommand();
    await person.choose('Sign in to another account');
    await person.signIn('google');
    await eventually('two accounts', async () => {
      const accounts = await vscode.authentication.getAccounts('omnispindle');
      return accounts.length === 2;
    });
    await person.clearNotifications();
    await accountsPictures('accounts-two');
    await person.runCommand('Omnispindle: Choose Account for MCP Server…');
    await pictures('choose-server');
    await person.choose('Notes');
    await pictures('choose-account');
    await person.pressKey('Escape');
  });

  it('of the view', async () => {
    await run('omnispindle.accounts.focus');
    await pictures('view');
    await run('workbench.action.closeSidebar');
  });

  it('of the walkthrough', async () => {
    await run('workbench.action.openWalkthrough', 'omnispindle.omnispindle#start');
    await pictures('walkthrough');
    await run('workbench.action.closeAllEditors');
  });

  it('of an error', async () => {
    await setOption('auth0.domain', 'no host');
    await person.see('is not a host name');
    await pictures('error');
  });
});
