import { homedir } from 'node:os';
import { join } from 'node:path';

/** An MCP client's configuration: where it is, and where in it servers stand. */
export interface ClientConfiguration {
  readonly name: string;
  readonly format: 'json' | 'toml';
  /** The key under which servers stand, by name. */
  readonly key: string;
  path(): string;
}

const home = (...parts: string[]) => join(homedir(), ...parts);

/** Where desktop applications keep their settings. */
function applicationData(...parts: string[]): string {
  if (process.platform === 'darwin') return home('Library', 'Application Support', ...parts);
  if (process.platform === 'win32')
    return join(process.env['APPDATA'] ?? home('AppData', 'Roaming'), ...parts);
  return join(process.env['XDG_CONFIG_HOME'] ?? home('.config'), ...parts);
}

/** The clients `omnispindle init` knows, by the places their documentation names. */
export const clients: Record<string, ClientConfiguration> = {
  'claude-desktop': {
    name: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    path: () => applicationData('Claude', 'claude_desktop_config.json'),
  },
  'claude-code': { name: 'Claude Code', format: 'json', key: 'mcpServers', path: () => home('.claude.json') },
  cursor: { name: 'Cursor', format: 'json', key: 'mcpServers', path: () => home('.cursor', 'mcp.json') },
  windsurf: {
    name: 'Windsurf',
    format: 'json',
    key: 'mcpServers',
    path: () => home('.codeium', 'windsurf', 'mcp_config.json'),
  },
  vscode: {
    name: 'VS Code',
    format: 'json',
    key: 'servers',
    path: () => applicationData('Code', 'User', 'mcp.json'),
  },
  codex: {
    name: 'Codex',
    format: 'toml',
    key: 'mcp_servers',
    path: () => join(process.env['CODEX_HOME'] ?? home('.codex'), 'config.toml'),
  },
  gemini: {
    name: 'Gemini CLI',
    format: 'json',
    key: 'mcpServers',
    path: () => home('.gemini', 'settings.json'),
  },
};
