import { readdirSync } from 'node:fs';
import { isAbsolute, posix, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { homeDirectory } from '../../platform/settingPath.ts';

/** The machine a client runs on, as far as it decides where the client keeps its configuration. */
export interface System {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** The names in a directory; none where there is no such directory. */
  list(directory: string): readonly string[];
}

/** An MCP client's configuration: where it is, and where in it servers stand. */
export interface ClientConfiguration {
  readonly name: string;
  readonly format: 'json' | 'toml';
  /** The key under which servers stand, by name. */
  readonly key: string;
  path(system: System): string;
}

/** The machine we run on. */
function thisSystem(): System {
  return {
    platform: process.platform,
    // Not every client's configuration is there.
    get home() {
      return homeDirectory();
    },
    env: process.env,
    list,
  };
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/**
 * Where a client keeps its configuration on this machine.
 * @throws OmnispindleError `invalid_settings` where a variable of the client's makes that depend on the working directory
 */
export function configurationPath(client: ClientConfiguration): string {
  const path = client.path(thisSystem());
  if (isAbsolute(path)) return path;
  const text = l10n.t(
    'The configuration of {0} would be {1}, in whatever directory one is. Give the variable that says so an absolute path.',
    client.name,
    path,
  );
  throw new OmnispindleError('invalid_settings', text);
}

/** The clients `omnispindle init` knows, by the places their documentation names. */
export const clients: Record<string, ClientConfiguration> = {
  'claude-desktop': {
    name: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    path: system =>
      within(
        system,
        packagedClaude(system) ?? applicationData(system, 'Claude'),
        'claude_desktop_config.json',
      ),
  },
  'claude-code': {
    name: 'Claude Code',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.env['CLAUDE_CONFIG_DIR'] || system.home, '.claude.json'),
  },
  cursor: {
    name: 'Cursor',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.cursor', 'mcp.json'),
  },
  windsurf: {
    name: 'Windsurf',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.codeium', 'windsurf', 'mcp_config.json'),
  },
  vscode: {
    name: 'VS Code',
    format: 'json',
    key: 'servers',
    path: system => applicationData(system, 'Code', 'User', 'mcp.json'),
  },
  codex: {
    name: 'Codex',
    format: 'toml',
    key: 'mcp_servers',
    path: system =>
      within(system, system.env['CODEX_HOME'] || within(system, system.home, '.codex'), 'config.toml'),
  },
  gemini: {
    name: 'Gemini CLI',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.env['GEMINI_CLI_HOME'] || system.home, '.gemini', 'settings.json'),
  },
};

/**
 * Where Claude Desktop keeps its settings on Windows since it comes as a package (MSIX): Windows shows it a
 * folder of its own in place of the one for all (anthropics/claude-code issue 26073).
 */
function packagedClaude(system: System): string | undefined {
  const { platform, home, env } = system;
  if (platform !== 'win32') return undefined;
  const local = env['LOCALAPPDATA'] || within(system, home, 'AppData', 'Local');
  const packages = within(system, local, 'Packages');
  const claude = system.list(packages).find(name => /^Claude_\w+$/.test(name));
  return claude && within(system, packages, claude, 'LocalCache', 'Roaming', 'Claude');
}

/** Where desktop applications keep their settings. */
function applicationData(system: System, ...parts: string[]): string {
  const { platform, home, env } = system;
  if (platform === 'darwin') return within(system, home, 'Library', 'Application Support', ...parts);
  if (platform === 'win32') {
    return within(system, env['APPDATA'] || within(system, home, 'AppData', 'Roaming'), ...parts);
  }
  return within(system, env['XDG_CONFIG_HOME'] || within(system, home, '.config'), ...parts);
}

function within({ platform }: System, ...parts: string[]): string {
  return (platform === 'win32' ? win32 : posix).join(...parts);
}
