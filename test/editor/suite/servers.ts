import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { demoUser } from '../../tenant/accounts.ts';
import { otherWindows } from './otherWindow.ts';
import {
  account,
  callTool,
  environmentServer,
  eventually,
  person,
  setOption,
  signedOut,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
} from './helpers.ts';
import { processesOf } from './processes.ts';

interface State {
  readonly sub: string;
  /** Milliseconds since the epoch. */
  readonly goodUntil: number;
  readonly pid: number;
  readonly audience?: string;
}

const lifetime = 5;
const expiries = 20;

describe('the person’s own servers', () => {
  let remote: RemoteServer;
  /** How often a client of the remote server has started. */
  const sessionsBegun = () =>
    remote.requests.filter(({ method, headers }) => method === 'POST' && !headers['mcp-session-id']).length;
  /** What the local server knows; `good` is its token if it was when the call was made. */
  async function state(): Promise<Omit<State, 'goodUntil'> & { good: boolean }> {
    const calledAt = Date.now();
    const { goodUntil, ...known } = JSON.parse(await callTool('state')) as State;
    return { ...known, good: goodUntil > calledAt };
  }

  before(async () => {
    remote = await startRemoteServer();
    await setOption('signIn.flow', 'uriHandler');
    await tenant.setTokenLifetime(6);
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
  });
  after(async () => {
    await setOption('servers', undefined);
    await tenant.setTokenLifetime(3_600);
    await remote.stop();
  });

  it('[F5] are added by a command, step by step and back, and run at once: a remote one', async () => {
    await person.runCommand('Omnispindle: Add MCP Server…');
    await person.choose('Remote server', 'Which kind of MCP server');
    await person.enter('example.com/mcp', 'Address of the MCP server (2/4)');
    await eventually('the refusal', async () =>
      (await person.readMessages()).includes('Write https://example.com/mcp.'),
    );
    await person.screenshot('add-server-address');
    await person.enter(remote.url, 'Address of the MCP server');
    await person.type('Remote Lo', 'Name of the server (3/4)');
    await person.goBack('Name of the server');
    assert.equal(await person.readTyped('Address of the MCP server (2/4)'), remote.url);
    await person.goBack('Address of the MCP server');
    await person.choose('Remote server', 'Which kind of MCP server');
    await person.enter(remote.url, 'Address of the MCP server');
    assert.equal(await person.readTyped('Name of the server'), 'Remote Lo');
    await person.enter('Remote Loom', 'Name of the server');
    await person.enter('', 'with a secret that');
    // It does not say which API its tokens are for.
    await person.press('Allow');
    await person.press('Start');
    assert.equal(await callTool('echo', { text: 'hello' }), 'hello');
    assert.match(remote.requests.at(-1)?.authorization ?? '', /^Bearer ey/);
  });

  it('are added by a command, and run at once: a local one', async () => {
    await person.runCommand('Omnispindle: Add MCP Server…');
    await person.choose('Local server', 'Which kind of MCP server');
    await person.enter(`"${process.execPath}" "${environmentServer}"`, 'Command of the MCP server');
    await person.enter('API_TOKEN', 'Environment variable');
    await person.enter('Local Loom', 'Name of the server');
    await person.enter('', 'with a secret that');
    await person.press('Start');
    assert.deepEqual(await state().then(({ sub, good }) => ({ sub, good })), {
      sub: 'auth0|ada',
      good: true,
    });
  });

  it('have the environment that is given to them, and nothing of ours in it', async () => {
    assert.equal((await state()).audience, undefined);
    const servers = vscode.workspace.getConfiguration('omnispindle').get<Record<string, object>>('servers');
    const audience = 'https://loom.example/api';
    const loom = { ...servers?.['Local Loom'], env: { AUTH0_AUDIENCE: audience } };
    await setOption('servers', { ...servers, 'Local Loom': loom });
    await eventually('its start with the new environment', async () => {
      // The editor cancels a call that the server before still gets.
      const now = await state().catch(() => undefined);
      return now?.audience === audience;
    });
  });

  it('always have a valid token: a local one is started again before its token ends, and nobody is asked', async () => {
    const tabs = await person.tabsOpened();
    await tenant.resetCounters();
    const processes = new Set<number>();
    while (((await tenant.counters())['token:refresh_token'] ?? 0) < 3) {
      const { good, pid } = await state();
      assert.ok(good);
      processes.add(pid);
      assert.equal(await callTool('echo', { text: 'hello' }), 'hello');
      await delay(300);
    }
    assert.ok(processes.size >= 2, `${String(processes.size)} processes`);
    assert.equal(await person.tabsOpened(), tabs);
  });

  it(`have valid tokens in five servers and two windows with one renewal for each of ${String(expiries)} expiries`, async function () {
    this.timeout(480_000);
    await tenant.setTokenLifetime(lifetime);
    await startServer();
    const before = otherWindows().length;
    const window = await person.openWindow();
    const other = await eventually('the other window', () => otherWindows()[before], 60_000);
    await other.startServer('Omnispindle', 'whoami');
    await other.startServer('Remote Loom', 'echo');
    // VS Code 1.105 knows the tools from before, and does not wait for the server.
    await Promise.all([callTool('echo', { text: 'hello' }), other.callTool('echo', { text: 'hello' })]);
    const tabs = await person.tabsOpened();
    const sessions = sessionsBegun();
    await tenant.resetCounters();
    // The token from before has its own lifetime.
    await eventually('the first token of the new lifetime', async () => {
      await Promise.all([callTool('whoami'), other.callTool('whoami')]);
      return (await tenant.counters())['token:refresh_token'];
    });
    await tenant.resetCounters();
    const started = Date.now();
    for (let renewals = 0; renewals < expiries;) {
      const [mine, theirs, echo, otherEcho, { good }] = await Promise.all([
        callTool('whoami'),
        other.callTool('whoami'),
        callTool('echo', { text: 'hello' }),
        other.callTool('echo', { text: 'hello' }),
        state(),
      ]);
      assert.deepEqual([echo, otherEcho, good], ['hello', 'hello', true]);
      assert.match(mine + theirs, /ada@example.com.*ada@example.com/s);
      const before = renewals;
      renewals = (await tenant.counters())['token:refresh_token'] ?? 0;
      // Nothing can be due in the first half of a new token's life; what is due after it is looked at closely.
      await delay(renewals > before ? lifetime * 500 : 200);
    }
    // A renewal is due when a tenth of the lifetime is left: more often would be more than one an expiry.
    assert.ok(Date.now() - started >= (expiries - 1) * lifetime * 900);
    assert.equal(await person.tabsOpened(), tabs);
    assert.equal(sessionsBegun(), sessions);
    await person.closeWindow(window);
  });

  it('[T8] and the bundled one run in no workspace, but at home', async () => {
    await startServer();
    await callTool('whoami');
    for (const command of ['serve', 'connect', 'run']) {
      const directories = directoriesOf(command);
      assert.ok(directories.length > 0, command);
      for (const directory of directories) assert.equal(directory, homedir(), command);
    }
    assert.equal((JSON.parse(await callTool('state')) as { cwd: string }).cwd, homedir());
  });

  it('run as the account chosen for them, each its own', async () => {
    await tenant.setTokenLifetime(3_600);
    await startServer();
    await person.leaveTenant();
    await chooseAccount('Local Loom', 'Sign in with another account');
    await person.signIn('google');
    await eventually('the choice of another account', async () =>
      (await person.readNotifications()).includes('Local Loom runs as grace@gmail.example'),
    );
    assert.match(await callTool('state'), /"google-oauth2\|104242"/);
    assert.match(await callTool('whoami'), /ada@example.com/);
  });

  it('start again as the account that is preferred now, where none was chosen for them', async () => {
    await chooseAccount('Omnispindle', 'grace@gmail.example');
    await eventually('the choice for the bundled server', async () =>
      (await person.readNotifications()).includes('Omnispindle runs as grace@gmail.example'),
    );
    assert.match(await callTool('whoami'), /grace@gmail.example/);
    await chooseAccount('Omnispindle', 'The account I prefer');
    await eventually('the choice of the preferred account', async () =>
      (await person.readNotifications()).includes('Omnispindle runs as the account you prefer'),
    );
    assert.match(await callTool('whoami'), /ada@example.com/);
  });

  it('ask for their account again when it was signed out, and the call completes', async () => {
    await person.leaveTenant();
    await signOutGrace();
    const called = state();
    await person.press('Sign In');
    await person.signIn('google');
    assert.equal((await called).sub, 'google-oauth2|104242');
  });

  it('name the entry and the field where the setting is wrong, and leave the other servers alone', async () => {
    await setOption('servers', {
      wheel: { url: 'http://example.com/mcp' },
      loom: { command: 'true' },
      both: { command: 'true', url: 'https://example.com/mcp' },
      odd: { url: 'https://example.com/mcp', header: {} },
    });
    const messages = await eventually('the errors', async () => {
      const shown = await person.readMessages();
      return shown.includes('"odd"') && shown;
    });
    assert.match(messages, /The setting omnispindle\.servers has 4 mistakes\. Server "wheel": /);
    assert.match(messages, /Server "loom": "tokenVariable" is missing\./);
    await person.screenshot('setting-mistakes');
    await person.press('Open Settings');
    const line = await eventually('the entry in settings.json', () => {
      const editor = vscode.window.activeTextEditor;
      return (
        editor?.document.fileName.endsWith('settings.json') &&
        editor.document.lineAt(editor.selection.active).text
      );
    });
    assert.match(line, /"wheel": \{/);
    await person.screenshot('setting-mistakes-opened');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await person.clearNotifications();
    assert.match(await callTool('whoami'), /ada@example.com/);
  });

  it('sign out again, both accounts', async () => {
    await signOutGrace();
    await signOutByCommand();
  });
});

/** Where the processes of a command of ours run (Linux). */
function directoriesOf(command: string): string[] {
  return processesOf(command).flatMap(pid => {
    try {
      return [readlinkSync(`/proc/${pid}/cwd`)];
    } catch {
      // It has just ended.
      return [];
    }
  });
}

async function chooseAccount(server: string, choice: string): Promise<void> {
  await person.runCommand('Omnispindle: Choose Account for MCP Server…');
  await person.choose(server, 'Which server');
  await person.choose(choice, `Which account should ${server} run as`);
}

function signOutGrace(): Promise<void> {
  return signedOut('ada@example.com', async () => {
    await person.runCommand('Omnispindle: Sign Out');
    await person.choose('grace@gmail.example', 'Which account do you want to sign out');
    await person.press('Sign Out');
  });
}
