import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  callTool,
  environmentServer,
  eventually,
  keepsTools,
  person,
  setOption,
  signInByCommand,
  startServer,
} from './helpers.ts';

const secret = 'S3CRET-of-the-loom';
const audience = 'https://api.demo.omnispindle.example/';

describe('secrets of the person’s own servers', () => {
  let remote: RemoteServer;
  const sent = () => remote.requests.at(-1)?.headers['x-api-key'];
  const setting = () =>
    vscode.workspace.getConfiguration('omnispindle').get<Record<string, { headers?: object }>>('servers');

  before(async () => {
    remote = await startRemoteServer();
    await setOption('signIn.flow', 'uriHandler');
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
  });
  after(async () => {
    await setOption('servers', undefined);
    await remote.stop();
  });

  it('[E9] are asked for where a server is added, and the setting only refers to them', async () => {
    await person.runCommand('Omnispindle: Add MCP Server…');
    await person.choose('Remote server', 'Which kind of MCP server');
    await person.enter(remote.url, 'Address of the MCP server');
    await person.enter('Secret Loom', 'Name of the server');
    await person.enter('X-API-Key', 'Header with a secret that');
    await person.enter(secret, 'Value of X-API-Key');
    await person.enter('', 'Header with a secret that');
    await person.press('Allow');
    await person.press('Start');
    assert.equal(await callTool('echo', { text: 'hello' }, 'Secret Loom'), 'hello');
    assert.equal(sent(), secret);
    assert.deepEqual(setting()?.['Secret Loom']?.headers, { 'X-API-Key': '${secret:secret-loom.x-api-key}' });
  });

  it('[E9] are in no file of the editor that others could read as text, and in no process’s environment', () => {
    const data = process.env['OMNISPINDLE_SUITE_DATA'] ?? '';
    const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).map(name => join(data, name));
    const processes = readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(pid => ['environ', 'cmdline'].map(file => join('/proc', pid, file)));
    assert.ok(files.length > 0);
    assert.deepEqual([...files, ...processes].filter(holdsSecret), []);
  });

  it('[E9] are replaced by a command, and the server that uses one starts again with it', async () => {
    await person.runCommand('Omnispindle: Manage Secrets of MCP Servers…');
    await person.choose('secret-loom.x-api-key', 'Which secret');
    await person.choose('Replace', 'What is to be done');
    await person.enter('another', 'Value of secret-loom.x-api-key');
    await eventually('a call with the new one', async () => {
      await callTool('echo', { text: 'hello' }, 'Secret Loom').catch(() => undefined);
      return sent() === 'another';
    });
  });

  it('[E9] are asked for by name at the call where they are missing', async () => {
    await setOption('servers', undefined);
    await eventually(
      'the end of its tools',
      () => keepsTools || !vscode.lm.tools.some(({ name }) => name.endsWith('_echo')),
    );
    await setOption('servers', {
      'Asking Loom': { url: remote.url, audience, headers: { 'X-API-Key': 'Key ${secret:new}' } },
    });
    const called = startServer('Asking Loom', 'echo').then(() =>
      callTool('echo', { text: 'hello' }, 'Asking Loom'),
    );
    called.catch(() => undefined);
    await person.enter('given', 'Asking Loom needs the secret new');
    assert.equal(await called, 'hello');
    assert.equal(sent(), 'Key given');
  });

  it('[E9] are offered to be moved where the setting holds them, once, and a local server gets them', async () => {
    await person.clearNotifications();
    await setOption('servers', {
      'Plain Loom': {
        command: process.execPath,
        args: [environmentServer],
        tokenVariable: 'API_TOKEN',
        env: { OMNISPINDLE_OF_THE_LOOM: 'its own', AUTH0_AUDIENCE: 'its own', LOOM_KEY: secret },
        cwd: '~',
      },
    });
    await person.press('Move to Secret Storage');
    await eventually('the reference', () =>
      JSON.stringify(setting()).includes('"LOOM_KEY":"${secret:plain-loom.loom_key}"'),
    );
    await startServer('Plain Loom', 'state');
    // VS Code 1.105 may have started it by the setting of before, and starts it again.
    const said = await eventually('its answer', () =>
      callTool('state', {}, 'Plain Loom').catch(() => undefined),
    );
    const state = JSON.parse(said) as {
      ours: Record<string, string>;
      audience: string;
      tenant: Record<string, string>;
    };
    assert.equal(state.audience, 'its own');
    assert.deepEqual(state.tenant, { AUTH0_AUDIENCE: 'its own' });
    assert.deepEqual(Object.keys(state.ours).sort(), [
      'OMNISPINDLE_BROKER',
      'OMNISPINDLE_BROKER_KEY',
      'OMNISPINDLE_OF_THE_LOOM',
    ]);
  });

  it('[E9] leave a server that is to run where nothing is with the reason', async () => {
    await setOption('servers', {
      'Lost Loom': { command: 'node', tokenVariable: 'API_TOKEN', cwd: 'relative' },
    });
    const shown = await eventually('the error', async () => {
      const said = await person.readNotifications();
      return said.includes('Lost Loom') && said;
    });
    assert.match(shown, /Server "Lost Loom": cwd is "relative", which is no absolute path/);
  });
});

function holdsSecret(path: string): boolean {
  try {
    return (
      (path.startsWith('/proc') || lstatSync(path).isFile()) && readFileSync(path, 'latin1').includes(secret)
    );
  } catch {
    // It was removed just now, or is not ours to read.
    return false;
  }
}
