import assert from 'node:assert/strict';
import { npxEntry } from '../../../src/terminal/clients/serverEntry.ts';
import { clients, type System } from '../../../src/terminal/clients/clients.ts';

const list = () => [];
const linux: System = { platform: 'linux', home: '/home/ada', env: {}, list };
const mac: System = { platform: 'darwin', home: '/Users/ada', env: {}, list };
const windows: System = {
  platform: 'win32',
  home: 'C:\\Users\\ada',
  env: { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' },
  list,
};

/** On Linux, macOS and Windows, as each client's documentation has them. */
const places: Record<string, [string, string, string]> = {
  'claude-desktop': [
    '/home/ada/.config/Claude/claude_desktop_config.json',
    '/Users/ada/Library/Application Support/Claude/claude_desktop_config.json',
    'C:\\Users\\ada\\AppData\\Roaming\\Claude\\claude_desktop_config.json',
  ],
  'claude-code': ['/home/ada/.claude.json', '/Users/ada/.claude.json', 'C:\\Users\\ada\\.claude.json'],
  cursor: ['/home/ada/.cursor/mcp.json', '/Users/ada/.cursor/mcp.json', 'C:\\Users\\ada\\.cursor\\mcp.json'],
  windsurf: [
    '/home/ada/.codeium/windsurf/mcp_config.json',
    '/Users/ada/.codeium/windsurf/mcp_config.json',
    'C:\\Users\\ada\\.codeium\\windsurf\\mcp_config.json',
  ],
  vscode: [
    '/home/ada/.config/Code/User/mcp.json',
    '/Users/ada/Library/Application Support/Code/User/mcp.json',
    'C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json',
  ],
  codex: [
    '/home/ada/.codex/config.toml',
    '/Users/ada/.codex/config.toml',
    'C:\\Users\\ada\\.codex\\config.toml',
  ],
  gemini: [
    '/home/ada/.gemini/settings.json',
    '/Users/ada/.gemini/settings.json',
    'C:\\Users\\ada\\.gemini\\settings.json',
  ],
};

describe('the clients', () => {
  it('all have a place for their configuration', () => {
    assert.deepEqual(Object.keys(places).sort(), Object.keys(clients).sort());
  });

  for (const [name, expected] of Object.entries(places)) {
    it(`keep their configuration where ${name} looks for it`, () => {
      assert.deepEqual(
        [linux, mac, windows].map(system => clients[name]?.path(system)),
        expected,
      );
    });
  }

  for (const [name, variable, expected] of [
    ['claude-code', 'CLAUDE_CONFIG_DIR', '/elsewhere/.claude.json'],
    ['codex', 'CODEX_HOME', '/elsewhere/config.toml'],
    ['gemini', 'GEMINI_CLI_HOME', '/elsewhere/.gemini/settings.json'],
    ['vscode', 'XDG_CONFIG_HOME', '/elsewhere/Code/User/mcp.json'],
  ] as const) {
    it(`keep it where ${variable} says`, () => {
      assert.equal(clients[name]?.path({ ...linux, env: { [variable]: '/elsewhere' } }), expected);
    });
  }

  it('keep it in the folder of their package where Windows has given them one', () => {
    const packages = 'C:\\Users\\ada\\AppData\\Local\\Packages';
    const packaged: System = {
      ...windows,
      list: directory =>
        directory === packages ? ['Claudette_1', 'Claude_pzs8sxrjxfjjc', 'Microsoft.Code_1'] : [],
    };
    const expected = `${packages}\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json`;
    assert.equal(clients['claude-desktop']?.path(packaged), expected);
    const elsewhere: System = {
      ...packaged,
      env: { LOCALAPPDATA: 'D:\\Local' },
      list: directory => (directory === 'D:\\Local\\Packages' ? ['Claude_x'] : []),
    };
    assert.match(clients['claude-desktop'].path(elsewhere), /^D:\\Local\\Packages\\Claude_x\\/);
    assert.equal(clients['vscode']?.path(packaged), clients['vscode']?.path(windows));
  });

  it('start npx through cmd on Windows, and by itself elsewhere', () => {
    assert.deepEqual(npxEntry('win32'), {
      command: 'cmd',
      args: ['/c', 'npx', '-y', 'omnispindle', 'serve'],
    });
    assert.deepEqual(npxEntry('linux'), { command: 'npx', args: ['-y', 'omnispindle', 'serve'] });
  });
});
