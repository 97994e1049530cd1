import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';

/** A server as Cursor takes it (Cursor documentation, "Extension API reference"). */
interface CursorServer {
  readonly name: string;
  readonly server: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
}

/** Cursor's own functions for MCP servers. */
export interface CursorMcp {
  registerServer(server: CursorServer): unknown;
  unregisterServer(name: string): unknown;
}

/** Cursor's functions for MCP servers; undefined in another editor. */
export function cursorMcp(): CursorMcp | undefined {
  const { cursor } = vscode as { readonly cursor?: { readonly mcp?: Partial<CursorMcp> } };
  return typeof cursor?.mcp?.registerServer === 'function' ? (cursor.mcp as CursorMcp) : undefined;
}

type Provider = vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>;

/**
 * Gives Cursor the servers of that provider, and follows their changes: one that has changed, or is to start again, is
 * registered again. Cursor asks for no more when it starts one.
 */
export function registerWithCursor(mcp: CursorMcp, provider: Provider, log: Log): vscode.Disposable {
  const known = new Map<string, string>();
  const { token } = new vscode.CancellationTokenSource();
  let following = Promise.resolve();

  function unregister(name: string): void {
    known.delete(name);
    mcp.unregisterServer(name);
  }

  async function follow(): Promise<void> {
    const definitions = (await provider.provideMcpServerDefinitions(token)) ?? [];
    const names = definitions.map(({ label }) => label);
    for (const name of known.keys()) if (!names.includes(name)) unregister(name);
    for (const definition of definitions) {
      const { label } = definition;
      const content = JSON.stringify(definition);
      if (known.get(label) === content) continue;
      if (known.has(label)) unregister(label);
      try {
        mcp.registerServer(serverOf(definition));
        known.set(label, content);
      } catch (error) {
        log.error(`Cursor did not take ${label}: ${messageOf(error)}`);
      }
    }
  }

  /** One after the other: two at once would register a server twice. */
  function update(): void {
    following = following.then(follow).catch((error: unknown) => {
      log.error(messageOf(error));
    });
  }

  const watching = provider.onDidChangeMcpServerDefinitions?.(update);
  update();
  return new vscode.Disposable(() => {
    watching?.dispose();
    for (const name of known.keys()) unregister(name);
  });
}

function serverOf({ label, command, args, env }: vscode.McpStdioServerDefinition): CursorServer {
  const named = Object.entries(env).filter(([, value]) => value !== null);
  return {
    name: label,
    server: { command, args, env: Object.fromEntries(named.map(([name, value]) => [name, String(value)])) },
  };
}
