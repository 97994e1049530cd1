import { demoUser } from '../../tenant/accounts.ts';
import * as vscode from 'vscode';
import {
  account,
  callTool,
  environmentServer,
  eventually,
  person,
  setOption,
  signInByCommand,
  startServer,
} from './helpers.ts';

/** As the editor names it: extension, then walkthrough. */
const walkthrough = 'omnispindle.omnispindle#start';

// It runs before all others: a step that is done stays so.
describe('[F1] the walkthrough', () => {
  before(() => setOption('signIn.flow', 'uriHandler'));
  after(async () => {
    await setOption('servers', undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const { id } of await vscode.authentication.getAccounts('omnispindle')) await signOut(id);
    await person.leaveTenant();
  });

  async function signOut(id: string): Promise<void> {
    const accounts = await vscode.authentication.getAccounts('omnispindle');
    const label = accounts.find(one => one.id === id)?.label ?? '';
    await person.signOutFromAccounts(label);
    await person.press('Sign Out');
    await eventually('the sign-out', async () =>
      (await vscode.authentication.getAccounts('omnispindle')).every(one => one.id !== id),
    );
  }

  /** That these steps are done, and no others. */
  async function areDone(...steps: string[]): Promise<void> {
    const wanted = steps.map(step => `${walkthrough}#${step}`).join();
    await eventually(`the steps ${wanted}`, async () => {
      // VS Code 1.105 shows another one while it does not know ours yet, and stays there.
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough);
      return (await person.readDoneSteps()).join() === wanted;
    });
  }

  it('[F1] has those steps done, and no others, that were done before it is opened', async () => {
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
    await startServer();
    await areDone('signIn', 'startServer');
  });

  it('[F1] has the next one done once a tool has run as the person', async () => {
    await callTool('whoami');
    await areDone('signIn', 'startServer', 'askForTodo');
  });

  it('[F1] has the next one done once there is a server of the person’s own', async () => {
    await setOption('servers', {
      Loom: { command: process.execPath, args: [environmentServer], tokenVariable: 'API_TOKEN' },
    });
    await areDone('signIn', 'startServer', 'askForTodo', 'addServer');
  });

  it('[F1] is done once there is another account', async () => {
    await person.leaveTenant();
    await signInByCommand();
    await person.choose('Sign in to another account');
    await person.signIn('google');
    await areDone('signIn', 'startServer', 'askForTodo', 'addServer', 'anotherAccount');
  });
});
