import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CursorMcp } from '../../src/editor/cursorServers.ts';
import { eventually } from '../eventually.ts';
import { signInInBrowser } from './standIn/browser.ts';
import type { Profile } from './standIn/profile.ts';
import type { StandIn } from './standIn/startExtension.ts';
import { useStandIn } from './standIn/useStandIn.ts';

type Server = Parameters<CursorMcp['registerServer']>[0];

describe('[E5] Cursor, by its own functions for MCP servers', () => {
  const given = useStandIn();
  /** What it has now, by name, and what it was told, in order. */
  let servers: Map<string, Server['server']>;
  let told: string[];
  let refused: string | undefined;
  beforeEach(() => {
    servers = new Map();
    told = [];
    refused = undefined;
  });

  const notes = { url: 'https://notes.example/mcp' };

  function start(profile: Profile = given.profile()): Promise<StandIn> {
    const mcp: CursorMcp = {
      registerServer({ name, server }) {
        if (name === refused) throw new Error(`${name} is not allowed by your team`);
        assert.ok(!servers.has(name), `${name} is registered twice`);
        told.push(`+${name}`);
        servers.set(name, server);
      },
      unregisterServer(name) {
        told.push(`-${name}`);
        servers.delete(name);
      },
    };
    const registerMcpServerDefinitionProvider = () => {
      told.push('VS Code’s function');
    };
    return given.start({
      profile,
      appName: 'Cursor',
      uriScheme: 'cursor',
      without: ['workbench.mcp.startServer'],
      members: { cursor: { mcp }, lm: { registerMcpServerDefinitionProvider } },
    });
  }

  it('[E5] gets the bundled server, as its type has it, and VS Code’s function is not asked', async () => {
    await start();
    await eventually('the bundled server', () => servers.has('Omnispindle'));
    const server = servers.get('Omnispindle');
    assert.equal(server?.command, process.execPath);
    assert.match(server.args[0] ?? '', /dist[\\/]cli\.js$/);
    assert.deepEqual(server.args.slice(1), ['serve']);
    for (const value of Object.values(server.env)) assert.equal(typeof value, 'string');
    assert.deepEqual(told, ['+Omnispindle']);
  });

  it('[E5] gets the servers of the settings, and their changes: only what has changed is registered again', async () => {
    const profile = given.profile({ 'omnispindle.servers': { Notes: notes } });
    const window = await start(profile);
    await eventually('both', () => servers.size === 2);
    profile.set('omnispindle.servers', { Notes: notes, Bank: { url: 'https://bank.example/mcp' } });
    await eventually('the new one', () => servers.has('Bank'));
    profile.set('omnispindle.servers', { Notes: { ...notes, transport: 'sse-only' } });
    await eventually('the change', () => told.at(-1) === '+Notes');
    assert.deepEqual([...servers.keys()].toSorted(), ['Notes', 'Omnispindle']);
    assert.deepEqual(told, ['+Omnispindle', '+Notes', '+Bank', '-Bank', '-Notes', '+Notes']);
    assert.deepEqual(window.screen.all, []);
  });

  it('[E5] is told of no server any more when the window closes', async () => {
    const window = await start(given.profile({ 'omnispindle.servers': { Notes: notes } }));
    await eventually('both', () => servers.size === 2);
    await window.deactivate();
    assert.equal(servers.size, 0);
  });

  it('[E5] that refuses one server gets the others, and the log says why', async () => {
    refused = 'Omnispindle';
    const window = await start(given.profile({ 'omnispindle.servers': { Notes: notes } }));
    await eventually('the other one', () => servers.has('Notes'));
    assert.match(
      window.lines.join('\n'),
      /error Cursor did not take Omnispindle: .* not allowed by your team/,
    );
  });

  it('[E5] starts the bundled server by that alone, in a folder of anybody’s, and its call runs as the person of the window', async () => {
    const window = await start();
    const signing = window.run('omnispindle.signIn');
    await window.screen.press('Allow');
    await signInInBrowser(window);
    await signing;
    await eventually('the bundled server', () => servers.has('Omnispindle'));
    const { command, args = [], env = {} } = servers.get('Omnispindle') ?? {};
    assert.ok(command);
    const transport = new StdioClientTransport({
      command,
      args: [...args],
      env: { PATH: process.env['PATH'] ?? '', HOME: given.directory, ...env },
      cwd: given.directory,
      stderr: 'ignore',
    });
    const client = new Client({ name: 'cursor-vscode', version: '1.0.0' });
    await client.connect(transport);
    try {
      const called = client.callTool({ name: 'whoami', arguments: {} });
      await window.screen.see(/cursor-vscode/);
      await window.screen.press('Allow');
      assert.match(JSON.stringify(await called), /ada@example\.com/);
      assert.equal(window.opened.length, 1);
    } finally {
      await client.close();
    }
  });

  it('[E5] gets a server that the person adds, without a button that VS Code alone can carry out', async () => {
    const window = await start();
    const adding = window.run('omnispindle.addServer');
    await window.screen.press('Local server');
    await (await window.screen.see(/Command of the MCP server/)).answer('node notes.mjs');
    await (await window.screen.see(/Environment variable/)).answer('NOTES_TOKEN');
    await (await window.screen.see(/Name of the server/)).answer('Notes');
    await (await window.screen.see(/Variable with a secret/)).answer('');
    await eventually('the server', () => servers.has('Notes'));
    const shown = await window.screen.see(/The MCP server Notes was added/);
    assert.deepEqual(shown.choices, []);
    shown.dismiss();
    await adding;
  });

  it('[E5] gets no secret with them', async () => {
    const secret = 'Bearer header-secret';
    await start(
      given.profile({ 'omnispindle.servers': { Notes: { ...notes, headers: { Authorization: secret } } } }),
    );
    await eventually('both', () => servers.size === 2);
    assert.doesNotMatch(JSON.stringify([...servers]), /header-secret/);
  });
});
