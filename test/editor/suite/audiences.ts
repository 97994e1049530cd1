import assert from 'node:assert/strict';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import * as vscode from 'vscode';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { scopesOf } from '../../sessions/scopesOf.ts';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  api,
  apis,
  callTool,
  eventually,
  person,
  setOption,
  signInByCommand,
  signOutByCommand,
  startServer,
  tenant,
  tokenServer,
} from './helpers.ts';

const providerId = 'omnispindle';
const { notes, bank, local } = apis;

const toolNames = () => vscode.lm.tools.map(({ name }) => name);

/**
 * Starts a server as the editor's own button does.
 * @param before the tools there were before the editor had heard of the server: VS Code 1.105 starts it at once
 * @returns its tool of that name, as the editor calls it: the names go by what servers call themselves
 */
async function start(
  label: string,
  tool: string,
  before: readonly string[],
  extension = 'omnispindle.omnispindle',
): Promise<string> {
  return eventually(`the tool ${tool} of ${label}`, async () => {
    await vscode.commands.executeCommand('workbench.mcp.startServer', `${extension}/${label}`, {
      waitForLiveTools: true,
    });
    return toolNames().find(name => !before.includes(name) && name.endsWith(`_${tool}`));
  });
}

async function call(name: string, input: Record<string, unknown> = {}): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
}

/** How a server answers somebody who comes with that token. */
async function statusOf(address: string, token: string): Promise<number> {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  });
  await response.body?.cancel();
  return response.status;
}

const audiencesOf = (token: string) => [decodeJwt(token).aud ?? []].flat();

describe('tokens for servers with an API of their own', () => {
  let silent: RemoteServer;

  before(async () => {
    silent = await startRemoteServer();
    await setOption('signIn.flow', 'uriHandler');
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
  });
  beforeEach(async () => {
    await person.closeTabs();
    await tenant.resetCounters();
  });
  after(async () => {
    await setOption('servers', undefined);
    await signOutByCommand();
    await person.leaveTenant();
    await silent.stop();
  });

  it('are one for each of two remote servers, a local one and the bundled one, and each refuses the others’', async () => {
    const before = toolNames();
    await setOption('servers', {
      notes: { url: notes },
      bank: { url: bank },
      local: {
        command: process.execPath,
        args: [tokenServer],
        tokenVariable: 'API_TOKEN',
        audience: local,
      },
    });
    const echoOfNotes = await start('notes', 'echo', before);
    assert.equal(await call(echoOfNotes, { text: 'hello' }), 'hello');
    // The tenant gives no token for the bank by the refresh token: one pass, nothing to type, told beforehand.
    const signedIn = call(await start('bank', 'sign_in', before));
    await person.passThrough();
    assert.match(await signedIn, /Its tools are: .*echo/);
    assert.equal(await callTool('bank_echo', { text: 'hello' }), 'hello');
    assert.match(await person.readNotifications(), /one more pass|once more/i);
    await person.clearNotifications();
    const { passedThrough, signIns } = await tenant.counts();
    assert.deepEqual([passedThrough, signIns], [1, 0]);

    const ofLocal = await call(await start('local', 'token', before));
    assert.ok(audiencesOf(ofLocal).includes(local));
    await startServer();
    assert.match(await callTool('whoami'), /ada@example.com/);
    for (const address of [notes, bank]) assert.equal(await statusOf(address, ofLocal), 401);
  });

  it('go to an extension only after the person agreed to that API, by name', async () => {
    const scopes = ['notes:read', `audience:${notes}`];
    assert.equal(await vscode.authentication.getSession(providerId, scopes, { silent: true }), undefined);
    const refused = assert.rejects(
      Promise.resolve(vscode.authentication.getSession(providerId, scopes, { createIfNone: true })),
      /did not allow/,
    );
    await person.press('Allow');
    await eventually('the question', async () => (await person.readMessages()).includes(`the API ${notes}`));
    await person.press('Cancel');
    await refused;
    await person.clearNotifications();

    const asked = vscode.authentication.getSession(providerId, scopes, { createIfNone: true });
    await person.press('Allow');
    await eventually('the question', async () => (await person.readMessages()).includes(`the API ${notes}`));
    await person.press('Allow');
    const session = await asked;
    assert.deepEqual(session.scopes, scopes);
    assert.ok(audiencesOf(session.accessToken).includes(notes));
    assert.equal(await statusOf(bank, session.accessToken), 401);
    assert.notEqual(await statusOf(notes, session.accessToken), 401);

    const bundled = await vscode.authentication.getSession(providerId, [], { silent: true });
    assert.ok(bundled);
    for (const address of [notes, bank]) assert.equal(await statusOf(address, bundled.accessToken), 401);
    assert.ok(!audiencesOf(bundled.accessToken).includes(local));

    const again = await vscode.authentication.getSession(providerId, scopes, { silent: true });
    assert.equal(again?.accessToken, session.accessToken);
    const more = [`audience:${notes}`, 'notes:write'];
    assert.equal(await vscode.authentication.getSession(providerId, more, { silent: true }), undefined);
    const other = [`audience:${bank}`];
    assert.equal(await vscode.authentication.getSession(providerId, other, { silent: true }), undefined);
  });

  it('reach the server of another extension by the environment that it gets for its session', async () => {
    const { serverEnvironment } = await api();
    const scopes = ['notes:read', `audience:${notes}`];
    const session = await vscode.authentication.getSession(providerId, scopes, { silent: true });
    assert.ok(session);
    await assert.rejects(serverEnvironment({ session: { accessToken: 'made up' }, name: 'Mine' }), {
      code: 'access_denied',
    });
    await assert.rejects(serverEnvironment({ session, name: '' }), { code: 'invalid_settings' });

    const cli = join(
      vscode.extensions.getExtension('omnispindle.omnispindle')?.extensionPath ?? '',
      'dist',
      'cli.js',
    );
    const provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
      provideMcpServerDefinitions: () => [
        new vscode.McpStdioServerDefinition('mine', process.execPath, [cli, 'connect', notes]),
      ],
      async resolveMcpServerDefinition(definition) {
        const environment = await serverEnvironment({ session, name: definition.label });
        definition.env = { ...definition.env, ...environment };
        return definition;
      },
    };
    const before = toolNames();
    const registered = vscode.lm.registerMcpServerDefinitionProvider('omnispindle-suite.servers', provider);
    try {
      const echo = await start('mine', 'echo', before, 'omnispindle.omnispindle-suite');
      assert.equal(await call(echo, { text: 'hello' }), 'hello');
    } finally {
      registered.dispose();
    }
  });

  it('for the default API go to a server that declares none only after the person said so, once', async () => {
    const before = toolNames();
    await setOption('servers', { silent: { url: silent.url } });
    silent.requests.length = 0;
    const refused = call(await start('silent', 'sign_in', before)).catch((error: unknown) => String(error));
    await eventually('the question', async () =>
      (await person.readMessages()).includes('silent does not say which API'),
    );
    await person.press('Cancel');
    assert.match(await refused, /you did not let it have one for your default API/);
    await setOption('servers', undefined);
    assert.deepEqual(
      silent.requests.filter(({ authorization }) => authorization !== undefined),
      [],
    );

    const beforeQuiet = toolNames();
    await person.runCommand('Omnispindle: Add MCP Server…');
    await person.choose('Remote server', 'Which kind of MCP server');
    await person.enter(silent.url, 'Address of the MCP server');
    await person.enter('quiet', 'Name of the server');
    await person.enter('', 'with a secret that');
    await person.press('Allow');
    assert.equal(await call(await start('quiet', 'echo', beforeQuiet), { text: 'hello' }), 'hello');
    // Who said yes is not asked again, whatever the server is called.
    const quiet = vscode.workspace.getConfiguration('omnispindle').get<object>('servers');
    const beforeAgain = toolNames();
    await setOption('servers', { ...quiet, again: { url: silent.url } });
    assert.equal(await call(await start('again', 'echo', beforeAgain), { text: 'hello' }), 'hello');
  });

  it('have another scope after the person said so in the editor, by name, and the call completes', async () => {
    const scope = 'read:todos';
    const isLacking = (token: string) => !scopesOf({ accessToken: token }).includes(scope);
    silent.intercept = ({ headers: { authorization = '' } }, response) => {
      if (!isLacking(authorization.replace('Bearer ', ''))) return false;
      const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
      response.writeHead(403, { 'www-authenticate': challenge }).end();
      return true;
    };
    const tabs = await person.tabsOpened();
    const called = callTool('echo', { text: 'hello' }, 'quiet');
    await eventually('the question', async () =>
      (await person.readMessages()).includes(`asks for ${scope}.`),
    );
    assert.equal(await person.tabsOpened(), tabs);
    await person.press('Allow');
    await eventually('the editor’s own question', async () =>
      (await person.readMessages()).includes('sign in using Omnispindle'),
    );
    await person.press('Allow');
    await person.passThrough();
    assert.equal(await called, 'hello');
  });

  it('come of a newer sign-in where a server demands that, after the person agreed, and the call completes', async () => {
    let refused = '';
    silent.intercept = ({ headers: { authorization = '' } }, response) => {
      refused ||= authorization;
      if (authorization !== refused) return false;
      const challenge = 'Bearer error="insufficient_user_authentication", max_age="0"';
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return true;
    };
    const tabs = await person.tabsOpened();
    const called = callTool('echo', { text: 'hello' }, 'quiet');
    await eventually('the question', async () =>
      (await person.readMessages()).includes('asks you to sign in again: no longer than 0 s ago.'),
    );
    assert.equal(await person.tabsOpened(), tabs);
    await person.press('Sign In');
    await person.signIn(demoUser);
    assert.equal(await called, 'hello');
  });
});
