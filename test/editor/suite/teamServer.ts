import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  apis,
  callTool,
  eventually,
  person,
  setOption,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
} from './helpers.ts';

const { team, endOfTeam } = apis;

/** What our server answers a call of a tool, once it is the one that is meant. */
async function answerOf(tool: string, input: Record<string, unknown>, wanted: RegExp): Promise<string> {
  return eventually(`an answer with ${String(wanted)}`, async () => {
    const answer = await callTool(tool, input).catch(String);
    return wanted.test(answer) && answer;
  });
}

/** Adds a todo, as an agent does: the editor asks the person before it changes anything. */
async function add(description: string): Promise<string> {
  const added = callTool('add_todo', { description, project: 'wool' });
  await person.press('Yes');
  return added;
}

describe('[team] the server of a team', () => {
  assert.ok(team && endOfTeam, 'The runner starts it for this part.');

  before(async () => {
    await setOption('signIn.flow', 'uriHandler');
    // Who was here before may still be logged in.
    await person.leaveTenant();
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
  });
  after(async () => {
    await setOption('server', undefined);
    await signOutByCommand();
    await person.leaveTenant();
  });

  it('[team] takes the place of the bundled one by a setting, and runs as the person, by one sign-in', async () => {
    await startServer();
    await add('Card the wool at home');
    const tabs = await person.tabsOpened();
    await tenant.resetCounters();
    await setOption('server', team);
    await startServer();
    await answerOf('query_todos', {}, /^(?!.*Card the wool at home)/s);
    await add('Spin for the team');
    const listed = await callTool('query_todos');
    assert.match(listed, /Spin for the team/);
    assert.doesNotMatch(listed, /Card the wool at home/);
    assert.match(await callTool('whoami'), /ada/);
    assert.equal(await person.tabsOpened(), tabs);
    assert.equal((await tenant.counts()).signIns, 0);
  });

  it('[team] is told by its own API in the view, and nothing is written down that is a secret', async () => {
    await vscode.commands.executeCommand('omnispindle.accounts.focus');
    await eventually('its line', async () =>
      (await person.readView()).some(line => line.includes('Omnispindle') && line.includes('in use')),
    );
    await person.screenshot('team-server');
    assert.doesNotMatch(await person.readDatabases(), /eyJ[\w-]+\.[\w-]+\./);
  });

  it('[team] gives the place back, and each has kept its own', async () => {
    await setOption('server', undefined);
    await startServer();
    const listed = await answerOf('query_todos', {}, /Card the wool at home/);
    assert.doesNotMatch(listed, /Spin for the team/);
    await setOption('server', team);
    await startServer();
    await answerOf('query_todos', {}, /Spin for the team/);
  });

  it('[team] that is out of reach says so at the call, and in the view, and nothing is kept here instead', async () => {
    await fetch(endOfTeam, { method: 'POST' });
    const { origin } = new URL(team);
    const said = await answerOf('query_todos', {}, /could not be reached/);
    assert.ok(said.includes(origin), said);
    await eventually('its line', async () =>
      (await person.readView()).some(line => line.includes('Omnispindle') && line.includes('failed')),
    );
    assert.doesNotMatch(said, /fetch failed|\bat \w+ \(/);
    assert.match(await add('Lost').catch(String), /could not be reached/);
    await setOption('server', undefined);
    await startServer();
    assert.doesNotMatch(await answerOf('query_todos', {}, /Card the wool at home/), /Lost/);
  });

  it('[team] has a place for its mistakes: a wrong address gives no server, and says so', async () => {
    await setOption('server', 'http://todos.example/mcp');
    await eventually('the mistake', async () =>
      (await person.readMessages()).includes('The setting omnispindle.server has a mistake.'),
    );
    await person.press('Open Settings');
    await eventually('settings.json', () =>
      vscode.window.activeTextEditor?.document.fileName.endsWith('settings.json'),
    );
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await person.clearNotifications();
    await setOption('server', undefined);
    await startServer();
    await answerOf('query_todos', {}, /Card the wool at home/);
  });
});
