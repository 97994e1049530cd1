import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { startChatListener } from './chat.ts';
import {
  account,
  apis,
  callTool,
  environmentServer,
  eventually,
  person,
  setOption,
  signOutByCommand,
} from './helpers.ts';
import { processesOf } from './processes.ts';

const asks = /wants to sign in/;

/** How long (ms) a call may take that asks nobody. */
const atOnce = 5_000;

describe('the servers that the editor starts with a message of the chat', () => {
  const chat = startChatListener();
  let undeclared: RemoteServer;
  let started: string[];
  const signInEntry = 'Sign in with Omnispindle to use Omnispindle';

  /** Waits for the one question, and reads it. */
  async function question(): Promise<string> {
    return eventually('the question', async () => {
      const shown = await person.readMessages();
      return asks.test(shown) && shown;
    });
  }

  const signInTools = () => vscode.lm.tools.filter(({ name }) => name.endsWith('_sign_in'));

  async function nobodyIsAsked(): Promise<void> {
    assert.doesNotMatch(await person.readMessages(), asks);
  }

  /** What a call says, or why it failed. */
  const tryTool = (tool: string) => callTool(tool).catch((error: unknown) => String(error));

  /** The same of a server that has just been started again, whose tools may be gone for a moment. */
  const tryRestarted = (tool: string) =>
    eventually('its start', async () => {
      const said = await tryTool(tool);
      return !said.includes('was not contributed') && said;
    });

  /** That a call fails without a question, and what it says. */
  async function failsAtOnce(tool: string, saying = /nobody is signed in/): Promise<string> {
    const begun = Date.now();
    const said = await tryTool(tool);
    assert.ok(Date.now() - begun < atOnce, `it took ${String(Date.now() - begun)} ms`);
    await nobodyIsAsked();
    assert.match(said, /nobody is asked for five minutes/);
    assert.match(said, saying);
    return said;
  }

  before(async () => {
    // It does not say which API its tokens are for.
    undeclared = await startRemoteServer();
    await setOption('signIn.flow', 'uriHandler');
    await setOption('servers', {
      Undeclared: { url: undeclared.url },
      Notes: { url: apis.notes },
      Loom: { command: process.execPath, args: [environmentServer], tokenVariable: 'API_TOKEN' },
    });
  });
  after(async () => {
    await setOption('servers', undefined);
    await setOption('signIn.flow', undefined);
    await undeclared.stop();
  });

  it('[E1] ask nobody while nobody is signed in, however many messages there are, and list their tools', async () => {
    for (const text of ['one', 'two', 'three']) {
      await chat.say(text, 20_000);
      await nobodyIsAsked();
    }
    await eventually('the tools', () => vscode.lm.tools.some(({ name }) => name.endsWith('_whoami')));
    await eventually('a way to sign in to each of the others', () => signInTools().length === 3);
    assert.equal(undeclared.requests.length, 0);
    started = processesOf('serve');
    assert.equal(started.length, 1);
    assert.deepEqual(chat.heard, ['one', 'two', 'three']);
    assert.equal(await person.tabsOpened(), 0);
  });

  it('[E1] ask once at the first calls, with the name of the server, and the calls of all servers complete', async () => {
    const calls = ['whoami', 'whoami', 'list_projects'].map(tool => callTool(tool));
    const asked = await question();
    assert.match(asked, /A tool of Omnispindle was called. It runs as you/);
    await person.screenshot('autostart question');
    const others = ['loom_sign_in', 'notes_sign_in'].map(tool => callTool(tool));
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match((await Promise.all(calls)).join(), /ada@example.com/);
    assert.match((await Promise.all(others)).join(), /signed in to Loom.*signed in to Notes/s);
    assert.equal(await person.tabsOpened(), 1);
    await nobodyIsAsked();
  });

  it('[E1] go on after the sign-in in the processes that were started before it', async () => {
    await chat.say('four', 20_000);
    assert.match(await callTool('whoami'), /ada@example.com/);
    assert.match(await callTool('state'), /auth0\|ada/);
    assert.equal(await callTool('notes_echo', { text: 'hello' }), 'hello');
    assert.deepEqual(processesOf('serve'), started);
    await nobodyIsAsked();
  });

  it('[E1] ask for which API their tokens are at a call, and not again after a no', async () => {
    const isAsked = async () => (await person.readMessages()).includes('does not say which API');
    const refused = tryTool('undeclared_sign_in');
    await eventually('the question', isAsked);
    await person.press('Cancel');
    assert.match(await refused, /you did not let it have one for your default API/);
    assert.match(await tryTool('undeclared_sign_in'), /you did not let it have one for your default API/);
    assert.equal(await isAsked(), false);
    assert.equal(undeclared.requests.length, 0);
  });

  it('[E1] fail at once after Cancel, and ask nobody again, while another server still asks', async () => {
    await person.leaveTenant();
    await signOutByCommand();

    const refused = tryTool('whoami');
    assert.match(await question(), /A tool of Omnispindle was called/);
    await person.press('Cancel');
    const said = await refused;
    assert.match(said, /Omnispindle runs its tools as you, and nobody is signed in/);
    for (let times = 0; times < 3; times++) assert.equal(await failsAtOnce('whoami'), said);
    await chat.say('five', 20_000);
    await nobodyIsAsked();

    const loom = tryTool('state');
    assert.match(await question(), /A tool of Loom was called/);
    await person.press('Cancel');
    assert.match(await loom, /Loom runs its tools as you, and nobody is signed in/);
    await failsAtOnce('state');
    await failsAtOnce('whoami');
  });

  it('[E1] go on when the person signs in from the Accounts menu, where a no has left an entry', async () => {
    await eventually('the entry', async () =>
      (await person.readAccounts(0, 'after a no')).some(entry => entry.includes(signInEntry)),
    );
    await person.chooseFromAccounts(signInEntry);
    await person.signIn(demoUser);
    await eventually('the sign-in', account);
    assert.match(await callTool('whoami'), /ada@example.com/);
    assert.match(await callTool('state'), /auth0\|ada/);
    await nobodyIsAsked();
  });

  it('[E1] share the sign-in of the one that has asked', async () => {
    await person.leaveTenant();
    await signOutByCommand();
    const first = tryTool('whoami');
    const asked = await question();
    const second = tryTool('state');
    assert.match(asked, /A tool of Omnispindle was called/);
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match(await first, /ada@example.com/);
    assert.match(await second, /auth0\|ada/);
    await nobodyIsAsked();
  });

  it('[E1] name the account that was chosen for them, and ask again after another choice', async () => {
    await chooseAccount('Loom', 'ada@example.com');
    assert.match(await tryRestarted('state'), /auth0\|ada/);
    await person.leaveTenant();
    await signOutByCommand();
    const refused = tryTool('state');
    await eventually('the question', async () =>
      (await person.readMessages()).includes('Loom runs as ada@example.com. Sign in as ada@example.com'),
    );
    await person.press('Cancel');
    assert.match(await refused, /Loom runs as ada@example.com, who is not signed in/);
    await failsAtOnce('state', /Sign in as ada@example.com with "Omnispindle: Sign In"/);
    await chooseAccount('Loom', 'The account I prefer');
    const called = tryRestarted('state');
    assert.match(await question(), /A tool of Loom was called/);
    await person.press('Allow');
    await person.signIn(demoUser);
    assert.match(await called, /auth0\|ada/);
  });

  it('[E1] fail at once also where the person agrees first, and then cancels the sign-in', async () => {
    await person.leaveTenant();
    await signOutByCommand();
    const refused = tryTool('whoami');
    await question();
    await person.press('Allow');
    await person.seeLoginPage();
    await person.closeTabs();
    await person.press('Cancel');
    assert.match(await refused, /nobody is asked for five minutes/);
    await failsAtOnce('whoami');
  });
});

async function chooseAccount(server: string, choice: string): Promise<void> {
  await person.runCommand('Omnispindle: Choose Account for MCP Server…');
  await person.choose(server, 'Which server');
  await person.choose(choice, `Which account should ${server} run as`);
  await eventually('the choice', async () => (await person.readMessages()).includes(`${server} runs as`));
  await person.clearNotifications();
}
