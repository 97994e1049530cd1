import assert from 'node:assert/strict';
import { npxEntry } from '../../../src/terminal/clients/serverEntry.ts';
import { clients, ownClients } from '../../../src/terminal/clients/clients.ts';
import type { System } from '../../../src/terminal/clients/system.ts';

const empty = { list: () => [], read: () => undefined };
const linux: System = { platform: 'linux', home: '/home/ada', env: {}, project: '/src/work', ...empty };
const mac: System = { platform: 'darwin', home: '/Users/ada', env: {}, project: '/src/work', ...empty };
const windows: System = {
  platform: 'win32',
  home: 'C:\\Users\\ada',
  env: { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' },
  project: 'C:\\work',
  ...empty,
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
  devin: [
    '/home/ada/.config/devin/mcp_config.json',
    '/Users/ada/.config/devin/mcp_config.json',
    'C:\\Users\\ada\\AppData\\Roaming\\devin\\mcp_config.json',
  ],
  kiro: [
    '/home/ada/.kiro/settings/mcp.json',
    '/Users/ada/.kiro/settings/mcp.json',
    'C:\\Users\\ada\\.kiro\\settings\\mcp.json',
  ],
  antigravity: [
    '/home/ada/.gemini/config/mcp_config.json',
    '/Users/ada/.gemini/config/mcp_config.json',
    'C:\\Users\\ada\\.gemini\\config\\mcp_config.json',
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
  copilot: [
    '/home/ada/.copilot/mcp-config.json',
    '/Users/ada/.copilot/mcp-config.json',
    'C:\\Users\\ada\\.copilot\\mcp-config.json',
  ],
  zed: [
    '/home/ada/.config/zed/settings.json',
    '/Users/ada/.config/zed/settings.json',
    'C:\\Users\\ada\\AppData\\Roaming\\Zed\\settings.json',
  ],
  junie: [
    '/home/ada/.junie/mcp/mcp.json',
    '/Users/ada/.junie/mcp/mcp.json',
    'C:\\Users\\ada\\.junie\\mcp\\mcp.json',
  ],
  lmstudio: [
    '/home/ada/.lmstudio/mcp.json',
    '/Users/ada/.lmstudio/mcp.json',
    'C:\\Users\\ada\\.lmstudio\\mcp.json',
  ],
  cline: [
    '/home/ada/.cline/data/settings/cline_mcp_settings.json',
    '/Users/ada/.cline/data/settings/cline_mcp_settings.json',
    'C:\\Users\\ada\\.cline\\data\\settings\\cline_mcp_settings.json',
  ],
  goose: [
    '/home/ada/.config/goose/config.yaml',
    '/Users/ada/.config/goose/config.yaml',
    'C:\\Users\\ada\\AppData\\Roaming\\Block\\goose\\config\\config.yaml',
  ],
  project: ['/src/work/.mcp.json', '/src/work/.mcp.json', 'C:\\work\\.mcp.json'],
};

describe('the clients', () => {
  it('[E11] all have a place for their configuration', () => {
    assert.deepEqual(Object.keys(places).sort(), Object.keys(clients).sort());
  });

  for (const [name, expected] of Object.entries(places)) {
    it(`[E11] keep their configuration where ${name} looks for it`, () => {
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
    ['copilot', 'COPILOT_HOME', '/elsewhere/mcp-config.json'],
    ['zed', 'XDG_CONFIG_HOME', '/elsewhere/zed/settings.json'],
    ['goose', 'XDG_CONFIG_HOME', '/elsewhere/goose/config.yaml'],
    ['goose', 'GOOSE_PATH_ROOT', '/elsewhere/config/config.yaml'],
    ['cline', 'CLINE_DIR', '/elsewhere/data/settings/cline_mcp_settings.json'],
    ['cline', 'CLINE_DATA_DIR', '/elsewhere/settings/cline_mcp_settings.json'],
    ['cline', 'CLINE_MCP_SETTINGS_PATH', '/elsewhere'],
  ] as const) {
    it(`[E11] keep it where ${variable} says, as ${name} does`, () => {
      assert.equal(clients[name]?.path({ ...linux, env: { [variable]: '/elsewhere' } }), expected);
    });
  }

  it('[E11] keep it in the folder of their package where Windows has given them one', () => {
    const packages = 'C:\\Users\\ada\\AppData\\Local\\Packages';
    const packaged: System = {
      ...windows,
      list: (directory: string) =>
        directory === packages ? ['Claudette_1', 'Claude_pzs8sxrjxfjjc', 'Microsoft.Code_1'] : [],
    };
    const expected = `${packages}\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json`;
    assert.equal(clients['claude-desktop']?.path(packaged), expected);
    const elsewhere: System = {
      ...packaged,
      env: { LOCALAPPDATA: 'D:\\Local' },
      list: (directory: string) => (directory === 'D:\\Local\\Packages' ? ['Claude_x'] : []),
    };
    assert.match(clients['claude-desktop'].path(elsewhere), /^D:\\Local\\Packages\\Claude_x\\/);
    assert.equal(clients['vscode']?.path(packaged), clients['vscode']?.path(windows));
  });

  it('[E11] are Cline by its older file in VS Code until the one that all its editors share is there', () => {
    const older = '/home/ada/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings';
    const shared = '/home/ada/.cline/data/settings';
    const file = 'cline_mcp_settings.json';
    const having = (...directories: string[]): System => ({
      ...linux,
      list: directory => (directories.includes(directory) ? [file] : []),
    });
    assert.equal(clients['cline']?.path(having(older)), `${older}/${file}`);
    assert.equal(clients['cline'].path(having(older, shared)), `${shared}/${file}`);
  });

  it('[E11] are LM Studio where its own pointer leads, if that is an absolute path', () => {
    const pointing = (to: string): System => ({
      ...linux,
      read: path => (path === '/home/ada/.lmstudio-home-pointer' ? to : undefined),
    });
    assert.equal(clients['lmstudio']?.path(pointing('/big/lm-studio\n')), '/big/lm-studio/mcp.json');
    assert.equal(clients['lmstudio'].path(pointing('lm-studio')), '/home/ada/.lmstudio/mcp.json');
  });

  it('[E11] are all of the person’s own, but for the file of a project', () => {
    assert.deepEqual(
      Object.keys(clients).filter(id => !(id in ownClients)),
      ['project'],
    );
  });

  it('start npx through cmd on Windows, and by itself elsewhere', () => {
    assert.deepEqual(npxEntry('win32'), {
      command: 'cmd',
      args: ['/c', 'npx', '-y', 'omnispindle', 'serve'],
    });
    assert.deepEqual(npxEntry('linux'), { command: 'npx', args: ['-y', 'omnispindle', 'serve'] });
  });
});
