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

/** Calls a tool as an agent does. @returns its text */
export async function callTool(name: string, input: Record<string, unknown> = {}): Promise<string> {
  const tool = await eventually(`the tool ${name}`, () =>
    vscode.lm.tools.find(candidate => candidate.name.endsWith(`_${name}`)),
  );
  const result = await vscode.lm.invokeTool(tool.name, { input, toolInvocationToken: undefined });
  return result.content
    .map(part => (part instanceof vscode.LanguageModelTextPart ? part.value : JSON.stringify(part)))
    .join('\n');
}
