import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import { cursorMcp, registerWithCursor } from './cursorServers.ts';
import { offerInit } from './initOffer.ts';
import { initClientHere } from './ignoringEditors.ts';

const definitionsId = 'omnispindle.servers';

/** What became of our servers in this editor. */
export interface McpRegistration extends vscode.Disposable {
  /** Whether it takes servers from us. */
  readonly takesServers: boolean;
}

/**
 * Makes our servers known to this editor in the way it has: Cursor's own functions, where they are, else VS Code's
 * (`lm.registerMcpServerDefinitionProvider`). Where the editor is known to ignore both, it offers to write our server into
 * the editor's own configuration. Where there is none of all that, signing in and the commands work all the same.
 */
export function registerMcpServers(
  provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>,
  context: vscode.ExtensionContext,
  log: Log,
): McpRegistration {
  const cursor = cursorMcp();
  if (cursor) return taken(registerWithCursor(cursor, provider, log));
  const client = initClientHere(context.extension);
  if (client !== undefined) {
    void offerInit(client, context, log);
    return notTaken();
  }
  const { lm } = vscode as Partial<Pick<typeof vscode, 'lm'>>;
  const register = (lm as Partial<typeof vscode.lm> | undefined)?.registerMcpServerDefinitionProvider;
  if (typeof register !== 'function') return without(log, 'it has no function for that');
  try {
    // Some editors give nothing back.
    return taken(register(definitionsId, provider));
  } catch (error) {
    return without(log, messageOf(error));
  }
}

function without(log: Log, why: string): McpRegistration {
  log.warn(
    `${vscode.env.appName} takes no MCP servers from extensions (${why}). "omnispindle init" in a terminal adds Omnispindle to MCP clients.`,
  );
  return notTaken();
}

function taken(registration: vscode.Disposable | undefined): McpRegistration {
  return {
    takesServers: true,
    dispose() {
      registration?.dispose();
    },
  };
}

function notTaken(): McpRegistration {
  return { takesServers: false, dispose: () => undefined };
}
