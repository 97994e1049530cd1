import * as vscode from 'vscode';
import { OmnispindleError } from '../common/errors.ts';
import { bundledServer } from './bundledServer.ts';
import { readServers } from './readServers.ts';

/** Starts a server, in VS Code. */
const startCommand = 'workbench.mcp.startServer';
/** Opens the chat, in VS Code. */
const chatCommand = 'workbench.action.chat.open';

/** Whether this editor has a command that starts a server. */
export function canStart(): Promise<boolean> {
  return hasCommand(startCommand);
}

async function hasCommand(id: string): Promise<boolean> {
  return (await vscode.commands.getCommands(true)).includes(id);
}

/**
 * Starts a server of ours, where {@link canStart} says that it can.
 * @param name the server
 */
export async function startServer(name: string): Promise<void> {
  await vscode.commands.executeCommand(startCommand, `omnispindle.omnispindle/${name}`);
}

/**
 * Starts the server that is ours, bundled or the team's, and says what can be done with it.
 * @throws OmnispindleError `unsupported_runtime` in an editor that has no command for that, `invalid_settings` where the
 * setting is wrong that says which one it is
 */
export async function startBundledServer(): Promise<void> {
  if (!(await canStart())) {
    throw new OmnispindleError(
      'unsupported_runtime',
      vscode.l10n.t('{0} starts MCP servers by itself: call one of their tools.', vscode.env.appName),
    );
  }
  await requireOne();
  await startServer(bundledServer);
  void sayStarted();
}

/** @throws OmnispindleError `invalid_settings` where the setting is wrong, so that there is no such server */
async function requireOne(): Promise<void> {
  const wrong = (await readServers()).mistakes.filter(({ server }) => server === bundledServer);
  if (wrong.length === 0) return;
  const { messageFor } = await import('./settingMistakes.ts');
  throw new OmnispindleError('invalid_settings', messageFor(wrong));
}

/** With a button the editor shows the whole text, and without one its first line. */
async function sayStarted(): Promise<void> {
  const openChat = vscode.l10n.t('Open Chat');
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      'The MCP server {0} is started. Ask an agent in the chat, for example: "Add a todo to water the plants."',
      bundledServer,
    ),
    ...((await hasCommand(chatCommand)) ? [openChat] : []),
  );
  if (answer === openChat) await vscode.commands.executeCommand(chatCommand);
}
