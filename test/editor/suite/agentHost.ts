import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import * as vscode from 'vscode';
import { startRemoteServer, type RemoteServer } from '../../bridge/remote/remoteServer.ts';
import { demoUser } from '../../tenant/accounts.ts';
import {
  account,
  callTool,
  environmentServer,
  eventually,
  person,
  setOption,
  signedOut,
  signInByCommand,
  startServer,
} from './helpers.ts';

/** A definition as the editor has written it to disk, for agents that start it without us. */
interface Cached {
  readonly label: string;
  readonly launch: {
    readonly command: string;
    readonly args: string[];
    readonly env: Record<string, string>;
    readonly cwd: string;
  };
}

const asks = /An agent that (?:calls itself|gives no name)/;
/** Whatever is on disk, nothing of it may have this. */
const secret = 'S3CRET';

describe('the servers that an agent host starts as the editor has written them down', () => {
  const clients: Client[] = [];
  let remote: RemoteServer;
  let workspace: string;

  const settings = () => vscode.workspace.getConfiguration('omnispindle');

  /** What the editor keeps of our servers on disk; in a browser-hosted editor that is the browser's. */
  async function cached(label: string): Promise<Cached['launch']> {
    return eventually(`the definition of ${label} on disk`, async () => {
      const databases = JSON.parse(await person.readDatabases()) as Record<string, Record<string, unknown>>;
      const written = Object.values(databases)
        .map(store => store['"mcp.extCachedServers"'])
        .find(value => typeof value === 'string');
      const collections = JSON.parse(written ?? '{}') as Record<string, { servers: Cached[] }>;
      const servers = Object.entries(collections).flatMap(([id, { servers: of }]) =>
        id.includes('omnispindle.servers') ? of : [],
      );
      return servers.find(server => server.label === label)?.launch;
    });
  }

  /** Starts a server as an agent host does: unresolved, in the workspace. */
  async function startUnresolved(label: string, name: string): Promise<Client> {
    const { command, args, env } = await cached(label);
    const transport = new StdioClientTransport({
      command,
      args,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', BROWSER: 'none', ...env },
      cwd: workspace,
      stderr: 'ignore',
    });
    const client = new Client({ name, version: '1.0.0' });
    await client.connect(transport);
    clients.push(client);
    return client;
  }

  async function call(client: Client, name: string, input: Record<string, unknown> = {}): Promise<string> {
    const { content } = await client.callTool({ name, arguments: input }, undefined, { timeout: 40_000 });
    return (content as { text: string }[]).map(({ text }) => text).join('\n');
  }

  /** Answers the one question of a call with that button. @returns what was asked */
  async function answer(button: string): Promise<string> {
    const question = await eventually('the question', async () => {
      const shown = await person.readMessages();
      return asks.test(shown) && shown;
    });
    await person.press(button);
    return question;
  }

  async function nobodyIsAsked(): Promise<void> {
    assert.doesNotMatch(await person.readMessages(), asks);
  }

  before(async () => {
    workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    const bin = join(workspace, 'node_modules', '.bin');
    mkdirSync(bin, { recursive: true });
    for (const name of ['node', 'npx', 'xdg-open']) {
      writeFileSync(join(bin, name), `#!/bin/sh\n: > "${join(workspace, `ran-${name}`)}"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const theirs = 'http://127.0.0.1:9';
    writeFileSync(
      join(workspace, '.env'),
      `AUTH0_DOMAIN=${theirs}\nAUTH0_CLIENT_ID=theirs\nAUTH0_AUDIENCE=theirs\nAUTH0_TOKEN=theirs\n`,
    );
    remote = await startRemoteServer();
    const audience = settings().get<string>('auth0.audience');
    await setOption('signIn.flow', 'uriHandler');
    await setOption('servers', {
      'Remote ${Loom}': { url: remote.url, headers: { 'X-Api-Key': `${secret}-header` }, audience },
      'Local Loom': {
        command: process.execPath,
        args: [environmentServer, '${workspaceFolder}'],
        env: { AUTH0_AUDIENCE: `${secret}-variable` },
        tokenVariable: 'API_TOKEN',
      },
    });
    await signInByCommand();
    await person.signIn(demoUser);
    await eventually('the session', account);
  });
  after(async () => {
    await setOption('servers', undefined);
    await setOption('signIn.flow', undefined);
    await Promise.all(clients.map(client => client.close()));
    await remote.stop();
  });

  it('[E2] hold nothing that the editor or an agent would fill in, and no secret', async () => {
    for (const label of ['Omnispindle', 'Remote ${Loom}', 'Local Loom']) {
      const { command, args, env } = await cached(label);
      assert.equal(command, process.execPath);
      assert.doesNotMatch(JSON.stringify([args, env]), /\$|S3CRET|OMNISPINDLE_BROKER/);
      const hidden = Buffer.from(env['OMNISPINDLE_SERVER'] ?? '', 'base64url').toString();
      assert.doesNotMatch(hidden, /S3CRET/);
    }
    const { env } = await cached('Omnispindle');
    assert.equal(env['AUTH0_DOMAIN'], settings().get('auth0.domain'));
  });

  it('[E2] run as the signed-in person after one question, without another sign-in', async () => {
    const tabs = await person.tabsOpened();
    const client = await startUnresolved('Omnispindle', 'Copilot harness');
    await nobodyIsAsked();
    const called = [call(client, 'whoami'), call(client, 'whoami')];
    const question = await answer('Allow');
    assert.match(question, /An agent that calls itself “Copilot harness” wants to use Omnispindle as you/);
    for (const said of await Promise.all(called)) assert.match(said, /ada@example\.com/);
    assert.match(await call(client, 'whoami'), /ada@example\.com/);
    await nobodyIsAsked();
    assert.equal(await person.tabsOpened(), tabs);
  });

  it('[E2] are used by the same agent later without a question', async () => {
    const client = await startUnresolved('Omnispindle', 'Copilot harness');
    assert.match(await call(client, 'whoami'), /ada@example\.com/);
  });

  it('[E2] are asked about for another agent, whose no counts for five minutes', async () => {
    const client = await startUnresolved('Omnispindle', 'Other\u202e\u001b[31m harness');
    const called = call(client, 'whoami');
    const question = await answer('Cancel');
    assert.match(question, /calls itself “Other.{0,3} harness”/);
    assert.doesNotMatch(question, /[\u202e\u001b]/);
    assert.match(await called, /You did not let .* use Omnispindle/);
    assert.match(await call(client, 'whoami'), /You did not let .* use Omnispindle/);
    await nobodyIsAsked();
  });

  it('[E2] get the headers and variables of their setting from the window', async () => {
    const client = await startUnresolved('Remote ${Loom}', 'Copilot harness');
    // The first call asks, and not the start.
    await nobodyIsAsked();
    const called = call(client, 'echo', { text: 'hi' });
    assert.match(await answer('Allow'), /wants to use Remote \$\{Loom\}/);
    assert.equal(await called, 'hi');
    assert.ok(remote.requests.length > 0);
    assert.ok(remote.requests.every(({ headers }) => headers['x-api-key'] === `${secret}-header`));
    const local = await startUnresolved('Local Loom', 'Copilot harness');
    await nobodyIsAsked();
    const asked = call(local, 'state');
    await answer('Allow');
    const state = JSON.parse(await asked) as Record<string, unknown>;
    assert.equal(state['sub'], 'auth0|ada');
    assert.equal(state['audience'], `${secret}-variable`);
    assert.notEqual(state['cwd'], workspace);
  });

  it('[E2] get the same from the editor itself, which starts them resolved', async () => {
    await startServer('Remote ${Loom}', 'echo');
    remote.requests.length = 0;
    assert.equal(await callTool('echo', { text: 'hi' }), 'hi');
    assert.ok(remote.requests.every(({ headers }) => headers['x-api-key'] === `${secret}-header`));
  });

  it('[E2] ask again once the person has taken back what the agent may use', async () => {
    const client = await startUnresolved('Omnispindle', 'Copilot harness');
    assert.match(await call(client, 'whoami'), /ada@example\.com/);
    await person.runCommand('Omnispindle: Take Back What Agents May Use…');
    await person.chooseAll('Which of these may not be used any more');
    const called = eventually('the refusal', async () => {
      const said = await call(client, 'whoami');
      return said.includes('You did not let') && said;
    });
    await answer('Cancel');
    await called;
  });

  it('[E2] leave no token, key, header or variable in what the editor and we write, and run nothing of the workspace', async () => {
    await startServer();
    const token = remote.requests.at(-1)?.authorization?.replace('Bearer ', '') ?? '';
    const keys = brokerKeys();
    const secrets = [token, ...doorSecrets(), `${secret}-header`, `${secret}-variable`, ...keys];
    assert.ok(keys.length > 0 && secrets.every(text => text.length > 8));
    const databases = await person.readDatabases();
    for (const text of secrets) assert.ok(!databases.includes(text));
    for (const file of filesOf(join(dirname(workspace), 'data'))) {
      // What the person writes, and what only they can read, are there to hold them.
      if (/\/User\/(?:settings\.json$|History\/)|\/omnispindle\.omnispindle\/sessions\//.test(file)) continue;
      const content = readFileSync(file, 'latin1');
      for (const text of secrets) assert.ok(!content.includes(text), file);
    }
    const ran = readdirSync(workspace).filter(name => name.startsWith('ran-'));
    assert.deepEqual(ran, []);
  });

  it('[E2] sign in by themselves at the tenant of the settings where no window is open', async () => {
    const windows = windowsDirectory();
    assert.equal(readdirSync(windows).length, 1);
    renameSync(windows, `${windows}-away`);
    try {
      const client = await startUnresolved('Omnispindle', 'Copilot harness');
      const told: string[] = [];
      const stop = new AbortController();
      const called = client
        .callTool({ name: 'whoami' }, undefined, {
          signal: stop.signal,
          timeout: 40_000,
          onprogress: ({ message = '' }) => told.push(message),
        })
        .catch(() => undefined);
      const domain = settings().get<string>('auth0.domain') ?? '';
      await eventually('the sign-in', () => told.some(message => message.includes(new URL(domain).host)));
      stop.abort();
      await called;
    } finally {
      renameSync(`${windows}-away`, windows);
    }
  });

  it('sign out again', () =>
    signedOut(undefined, async () => {
      await person.runCommand('Omnispindle: Sign Out');
      await person.press('Sign Out');
    }));
});

/** The keys of the servers that the editor has started (Linux). */
function brokerKeys(): string[] {
  return readdirSync('/proc').flatMap(pid => {
    try {
      const found = /OMNISPINDLE_BROKER_KEY=([\w-]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'));
      return found?.[1] === undefined ? [] : [found[1]];
    } catch {
      // No process, or one that has just ended.
      return [];
    }
  });
}

/** What opens the doors of open windows. */
function doorSecrets(): string[] {
  return readdirSync(windowsDirectory()).map(name => {
    const { secret: opens } = JSON.parse(readFileSync(join(windowsDirectory(), name), 'utf8')) as Record<
      string,
      string
    >;
    return opens ?? '';
  });
}

const windowsDirectory = () => join(process.env['XDG_DATA_HOME'] ?? '', 'omnispindle', 'windows');

function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap(entry =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}
