import { lstatSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../../common/errors.ts';
import { claudeDesktop } from './claudeDesktop.ts';
import type { ClientConfiguration } from './client.ts';
import { clineDirectory, clineSettings } from './cline.ts';
import { goose, gooseExtension } from './goose.ts';
import { lmStudio } from './lmStudio.ts';
import { commonShape } from './serverEntry.ts';
import { applicationData, roaming, thisSystem, within, xdgConfig, type System } from './system.ts';

/**
 * Where a client keeps its configuration on this machine.
 * @throws OmnispindleError `invalid_settings` where a variable of the client's makes that depend on the working directory,
 *   or where a file of a project is a link
 */
export function configurationPath(client: ClientConfiguration): string {
  const path = client.path(thisSystem());
  if (client.sharedBy) refuseLink(path);
  if (isAbsolute(path)) return path;
  const text = l10n.t(
    'The configuration of {0} would be {1}, in whatever directory one is. Give the variable that says so an absolute path.',
    client.name,
    path,
  );
  throw new OmnispindleError('invalid_settings', text);
}

/**
 * Whoever made the project has made the link: it may lead to a file of the person's, whose backup would then lie among
 * the project's files.
 * @throws OmnispindleError `invalid_settings` where it is one
 */
function refuseLink(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const text = l10n.t('{0} is a link; nothing was changed. Replace it by a file, then run this again.', path);
  throw new OmnispindleError('invalid_settings', text);
}

/** The clients `omnispindle init` knows, by the places their documentation names. */
export const clients: Record<string, ClientConfiguration> = {
  'claude-desktop': {
    name: 'Claude Desktop',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, claudeDesktop(system), 'claude_desktop_config.json'),
  },
  'claude-code': {
    name: 'Claude Code',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.env['CLAUDE_CONFIG_DIR'] || system.home, '.claude.json'),
    directory: system => system.env['CLAUDE_CONFIG_DIR'] || within(system, system.home, '.claude'),
  },
  cursor: {
    name: 'Cursor',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.cursor', 'mcp.json'),
    extensions: system => within(system, system.home, '.cursor', 'extensions'),
  },
  // Until 2026, when it became Devin Desktop.
  windsurf: {
    name: 'Windsurf',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.codeium', 'windsurf', 'mcp_config.json'),
  },
  devin: {
    name: 'Devin Desktop',
    format: 'json',
    key: 'mcpServers',
    path: system =>
      system.platform === 'win32'
        ? roaming(system, 'devin', 'mcp_config.json')
        : within(system, system.home, '.config', 'devin', 'mcp_config.json'),
  },
  kiro: {
    name: 'Kiro',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.kiro', 'settings', 'mcp.json'),
    directory: system => within(system, system.home, '.kiro'),
  },
  antigravity: {
    name: 'Antigravity',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.gemini', 'config', 'mcp_config.json'),
    directory: system => within(system, system.home, '.antigravity'),
  },
  // Its agents in the editor read this file only, and its agent host gets what is in it from the editor.
  vscode: {
    name: 'VS Code',
    format: 'json',
    key: 'servers',
    path: system => applicationData(system, 'Code', 'User', 'mcp.json'),
    extensions: system =>
      system.env['VSCODE_EXTENSIONS'] || within(system, system.home, '.vscode', 'extensions'),
  },
  copilot: {
    name: 'Copilot CLI',
    // Its agent host reads it.
    editor: 'vscode',
    format: 'json',
    key: 'mcpServers',
    shape: { ...commonShape, extra: { type: 'local', tools: ['*'] } },
    path: system =>
      within(
        system,
        system.env['COPILOT_HOME'] || within(system, system.home, '.copilot'),
        'mcp-config.json',
      ),
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
  zed: {
    name: 'Zed',
    format: 'json',
    key: 'context_servers',
    path: system => within(system, zed(system), 'settings.json'),
  },
  junie: {
    name: 'JetBrains Junie',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.home, '.junie', 'mcp', 'mcp.json'),
    directory: system => within(system, system.home, '.junie'),
  },
  lmstudio: {
    name: 'LM Studio',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, lmStudio(system), 'mcp.json'),
  },
  cline: {
    name: 'Cline',
    format: 'json',
    key: 'mcpServers',
    path: clineSettings,
    directory: clineDirectory,
  },
  goose: {
    name: 'Goose',
    format: 'yaml',
    key: 'extensions',
    shape: gooseExtension,
    path: system => within(system, goose(system), 'config.yaml'),
  },
  project: {
    name: 'This project',
    format: 'json',
    key: 'mcpServers',
    path: system => within(system, system.project, '.mcp.json'),
    sharedBy: ['VS Code', 'Claude Code', 'Copilot CLI'],
  },
};

/** The clients whose configuration is the person's, wherever they stand. */
export const ownClients: Record<string, ClientConfiguration> = Object.fromEntries(
  Object.entries(clients).filter(([, client]) => !client.sharedBy),
);

/** The directory of Zed's settings (its crates/paths), which on macOS is not where applications have theirs. */
function zed(system: System): string {
  if (system.platform === 'win32') return roaming(system, 'Zed');
  if (system.platform === 'darwin') return within(system, system.home, '.config', 'zed');
  return xdgConfig(system, 'zed');
}
