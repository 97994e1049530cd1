import { McpServer, type CallToolResult, type ListToolsResult } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../common/log.ts';
import { plainText } from '../common/plainText.ts';
import type { PersonalStore } from '../store/store.ts';
import { passGate } from './atGate.ts';
import { gateMessage, type Caller, type Gate } from './gate.ts';
import { namesOf, type Loadout } from './loadouts.ts';
import type { Era } from './stdio.ts';
import { ToolError, type Tool } from './tool.ts';
import { readInput } from './toolInput.ts';
import toolList from './toolList.json' with { type: 'json' };
import { waitingProgress } from '../mcp/waitingProgress.ts';

export interface ServerOptions {
  readonly gate: Gate;
  /** Gives what belongs to the caller; asked when a tool needs it. Whoever starts the server closes the store. @throws StoreError */
  readonly store: (caller: Caller) => Promise<PersonalStore>;
  readonly loadout: Loadout;
  readonly log: Log;
  readonly version: string;
  /** The era it speaks; the older one where absent. */
  readonly era?: Era;
}

/** How long (ms) a client may keep what never changes while the server runs; a next release may differ. */
const fresh = { ttlMs: 5 * 60_000, cacheScope: 'private' } as const;

const instructions = `Todos and lessons of the signed-in person. The first call may open a browser for the person to sign in: tell them, wait, and if the call timed out simply call again. complete_todo moves a todo to "review"; a person completes it.`;

/**
 * Builds the MCP server of one era; it knows no transport. Every tool runs behind the gate.
 * @example
 * import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
 * import { createServer, type ServerOptions } from './createServer.ts';
 *
 * declare const options: ServerOptions;
 * await createServer(options).connect(new StdioServerTransport());
 */
export function createServer({
  gate,
  store,
  loadout,
  log,
  version,
  era = 'legacy',
}: ServerOptions): McpServer {
  const server = new McpServer(
    { name: 'omnispindle', title: 'Omnispindle', version },
    { instructions, cacheHints: { 'tools/list': fresh, 'server/discover': fresh } },
  );
  const names = namesOf(loadout);
  server.server.registerCapabilities({ tools: {} });
  server.server.setRequestHandler('tools/call', async ({ params }, { mcpReq: call }) => {
    const tool = names.has(params.name) ? await findTool(params.name) : undefined;
    if (!tool) return failed(l10n.t('There is no such tool. List the tools to see which there are.'));
    let input: Record<string, unknown>;
    try {
      input = await readInput(tool, params.arguments);
    } catch (error) {
      return failure(tool, error);
    }
    const waiting = waitingProgress(
      { _meta: call._meta, sendNotification: news => call.notify(news), signal: call.signal },
      { withoutNews: () => l10n.t('Omnispindle is finding out who you are…') },
    );
    let passed: Awaited<ReturnType<typeof passGate>>;
    try {
      passed = await passGate({ gate, era, server, call, waiting });
    } catch (error) {
      log.warn(`${tool.name}: ${String(error)}`);
      return failed(waiting.explain(gateMessage(error)));
    } finally {
      waiting.stop();
    }
    if ('ask' in passed) return passed.ask;
    const { caller } = passed;
    // Who has given the call up does not expect it to do anything any more.
    if (call.signal.aborted) return failed(l10n.t('The call was cancelled. Nothing was done.'));
    return withNotices(await run(tool, input, { caller, store: () => store(caller) }), waiting.unheard);
  });
  // The SDK would make the JSON Schemas of all tools again at every start, which takes a quarter of it.
  server.server.setRequestHandler('tools/list', () => ({
    tools: toolList.filter(({ name }) => names.has(name)) as ListToolsResult['tools'],
  }));
  return server;

  async function run(tool: Tool, ...[input, context]: Parameters<Tool['run']>): Promise<CallToolResult> {
    try {
      const structuredContent = await tool.run(input, context);
      return {
        structuredContent,
        content: [{ type: 'text', text: JSON.stringify(structuredContent, null, 2) }],
      };
    } catch (error) {
      return failure(tool, error);
    }
  }

  function failure(tool: Tool, error: unknown): CallToolResult {
    if (!(error instanceof ToolError)) log.error(`${tool.name}: ${String(error)}`);
    return failed(error instanceof Error ? error.message : l10n.t('{0} failed. Try again.', tool.name));
  }
}

async function findTool(wanted: string): Promise<Tool | undefined> {
  const { allTools } = await import('./tools/all.ts');
  return allTools.find(({ name }) => name === wanted);
}

/** Last, because models and programs read an answer from its beginning. */
function withNotices({ content, ...result }: CallToolResult, notices: Iterable<string>): CallToolResult {
  return { ...result, content: [...content, ...[...notices].map(text => ({ type: 'text' as const, text }))] };
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: plainText(text) }] };
}
