import * as vscode from 'vscode';
import { eventually } from '../../eventually.ts';

/**
 * Starts a server as the editor's own button does; the editor may first have to hear of it.
 * @param tool one of the server's tools
 */
export async function startServer(label = 'Omnispindle', tool = 'whoami'): Promise<void> {
  const serverId = `omnispindle.omnispindle/${label}`;
  await vscode.extensions.getExtension('omnispindle.omnispindle')?.activate();
  await eventually(
    'the start of the server',
    async () => {
      await vscode.commands.executeCommand('workbench.mcp.startServer', serverId, { waitForLiveTools: true });
      return vscode.lm.tools.some(({ name }) => name.endsWith(`_${tool}`));
    },
    60_000,
  );
}

/**
 * Whether the editor still has the tools of servers that it is not given any more, as VS Code 1.105 does. There a tool's
 * name begins with the server's.
 */
export const keepsTools = vscode.version.startsWith('1.105.');

/**
 * Calls a tool as an agent does.
 * @param name the server's name of it, or the editor's
 * @param server whose tool it is, where the editor may have others of that name
 * @returns its text
 */
export async function callTool(
  name: string,
  input: Record<string, unknown> = {},
  server?: string,
): Promise<string> {
  const prefix = keepsTools && server ? `mcp_${server.toLowerCase().replaceAll(' ', '_')}_` : '';
  const tool = await eventually(`the tool ${name}`, () =>
    vscode.lm.tools.find(
      its => its.name === name || (its.name.startsWith(prefix) && its.name.endsWith(`_${name}`)),
    ),
  );
  const result = await vscode.lm.invokeTool(tool.name, { input, toolInvocationToken: undefined });
  return result.content
    .map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : JSON.stringify(part)))
    .join('\n');
}
