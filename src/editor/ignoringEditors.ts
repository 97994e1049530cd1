import * as vscode from 'vscode';

/**
 * The editors that take no MCP servers from extensions, whatever functions they have, by their `env.uriScheme`, and what
 * `omnispindle init` calls them.
 */
const ignoring: Readonly<Record<string, string>> = {
  // They read Gemini's configuration only (Antigravity documentation, "MCP").
  antigravity: 'antigravity',
  // It asks for the servers, and does nothing with them (kirodotdev/Kiro issue 2974).
  kiro: 'kiro',
  // They read their own configuration only (Devin documentation, "Model Context Protocol").
  devin: 'devin',
  windsurf: 'windsurf',
};

/**
 * What `omnispindle init` calls this editor, where it takes no MCP servers from extensions. Undefined for all others, and
 * where we run on another machine than the editor, whose configuration is not here.
 */
export function initClientHere({
  extensionKind,
}: Pick<vscode.Extension<unknown>, 'extensionKind'>): string | undefined {
  const { uriScheme, appName, uiKind, remoteName } = vscode.env;
  const isElsewhere = remoteName !== undefined && extensionKind === vscode.ExtensionKind.Workspace;
  if (isElsewhere || uiKind === vscode.UIKind.Web) return undefined;
  // Windsurf got that name in 2026, and another configuration with it, and kept its scheme.
  if (uriScheme === 'windsurf' && /devin/i.test(appName)) return 'devin';
  return Object.hasOwn(ignoring, uriScheme) ? ignoring[uriScheme] : undefined;
}
