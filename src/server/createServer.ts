import {
  isInputRequiredResult,
  McpServer,
  requireScopes as challengeFor,
  type CallToolResult,
  type ListToolsResult,
} from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../common/errors.ts';
import { filesGone } from '../common/filesGone.ts';
import type { Log } from '../common/log.ts';
import { plainText } from '../common/plainText.ts';
import type { ToolScope } from '../common/toolScopes.ts';
import type { PersonalStore } from '../store/store.ts';
import { refusalMessage, ToldError, type Authenticate, type Caller } from './authenticate.ts';
import { namesOf, type Loadout } from './loadouts.ts';
import { ToolError, type Tool } from './tool.ts';
import { headerText } from './headerText.ts';
import { readInput } from './toolInput.ts';
import toolList from './generated/toolList.json' with { type: 'json' };

/** The parts that a server is made of. */
export interface ServerOptions {
  readonly authenticate: Authenticate;
  /** Gives what belongs to the caller; asked when a tool needs it. Whoever starts the server closes the store. @throws StoreError */
  readonly store: (caller: Caller) => Promise<PersonalStore>;
  readonly loadout: Loadout;
  readonly log: Log;
  readonly version: string;
  /**
   * Whether a tool is refused (`insufficient_scope`) to an account without the scope it declares; not where absent. The
   * SDK's HTTP handler answers 403 then, by the scopes of its `authInfo`.
   */
  readonly requireScopes?: boolean;
  /** Runs each call of a tool, and sees how it ends; where absent, it just runs. */
  readonly watch?: WatchTool;
}

/** Runs a call of a tool, one of ours. */
export type WatchTool = (tool: string, call: () => Promise<CallToolResult>) => Promise<CallToolResult>;

/** How long (ms) a client may keep what never changes while the server runs; a next release may differ. */
const fresh = { ttlMs: 5 * 60_000, cacheScope: 'private' } as const;

const instructions = `Todos and lessons of the signed-in person. The first call may open a browser for the person to sign in: tell them, wait, and if the call timed out simply call again. complete_todo moves a todo to "review"; a person completes it.`;

/**
 * Builds the MCP server. It knows no transport, and no account longer than a call: who calls is asked for each.
 * @example
 * import { createMcpHandler } from '@modelcontextprotocol/server';
 * import { createServer, type ServerOptions } from './createServer.ts';
 *
 * declare const options: ServerOptions;
 * const { fetch } = createMcpHandler(() => createServer(options));
 */
export function createServer({
  authenticate,
  store,
  loadout,
  log,
  version,
  requireScopes = false,
  watch = (_tool, call) => call(),
}: ServerOptions): McpServer {
  const server = new McpServer(
    { name: 'omnispindle', title: 'Omnispindle', version },
    { instructions, cacheHints: { 'tools/list': fresh, 'server/discover': fresh } },
  );
  const names = namesOf(loadout);
  server.server.registerCapabilities({ tools: {} });
  if (requireScopes) challengeOverHttp(server, names, log);
  server.server.setRequestHandler('tools/call', async ({ params }, context) => {
    let tool: Tool | undefined;
    try {
      tool = names.has(params.name) ? await findTool(params.name) : undefined;
    } catch (error) {
      return failed(messageOf(filesGone(error) ?? error));
    }
    if (!tool) return failed(l10n.t('There is no such tool. List the tools to see which there are.'));
    let input: Record<string, unknown>;
    try {
      input = await readInput(tool, params.arguments);
    } catch (error) {
      return failure(tool, error);
    }
    let authenticated: Awaited<ReturnType<Authenticate>>;
    try {
      authenticated = await authenticate(context);
    } catch (error) {
      log.warn(`${tool.name}: ${String(error instanceof ToldError ? error.cause : error)}`);
      return failed(refusalMessage(error));
    }
    if (isInputRequiredResult(authenticated)) return authenticated;
    const { caller, notices = [] } = authenticated;
    // Who has given the call up does not expect it to do anything any more.
    if (context.mcpReq.signal.aborted) return failed(l10n.t('The call was cancelled. Nothing was done.'));
    const missing = requireScopes && !caller.scopes.some(scope => scope === tool.scope) && tool.scope;
    if (missing) return failed(outOfScope(missing));
    const called = tool;
    const call = () => run(called, input, { caller, store: () => store(caller) });
    return withNotices(await watch(called.name, call), notices);
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
    const gone = filesGone(error);
    if (gone) return failed(gone.message);
    return failed(error instanceof Error ? error.message : l10n.t('{0} failed. Try again.', tool.name));
  }
}

/**
 * Has the SDK's HTTP handler refuse a call for which a scope is missing, before it becomes one. It asks this of an
 * `McpServer`, which would answer for tools that are registered with it; that takes 0.3 ms, of every request.
 */
function challengeOverHttp(server: McpServer, names: ReadonlySet<string>, log: Log): void {
  server.resolveScopeChallenge = async context => {
    const { method, params } = context.request;
    const name = method === 'tools/call' ? params?.['name'] : undefined;
    const tool = typeof name === 'string' && names.has(name) ? await findTool(name) : undefined;
    const missing = tool?.scope && (await challengeFor(tool.scope)(context));
    if (!missing) return undefined;
    log.info(`403: ${tool.name}: ${outOfScope(tool.scope)}`);
    const errorDescription = headerText(outOfScope(tool.scope), `Sign in again, and allow ${tool.scope}.`);
    return { ...missing, errorDescription };
  };
}

function outOfScope(scope: ToolScope): string {
  return l10n.t(
    'This tool needs the scope {0}, which the access token does not have (insufficient_scope). Sign in again, and allow it; where that changes nothing, ask whoever runs the tenant for this permission.',
    scope,
  );
}

/** By their names, once a call has needed one: an `import()` that is repeated takes a tenth of a call over HTTP. */
const toolsByName = new Map<string, Tool>();

async function findTool(wanted: string): Promise<Tool | undefined> {
  if (toolsByName.size === 0) {
    const { allTools } = await import('./generated/allTools.ts');
    for (const tool of allTools) toolsByName.set(tool.name, tool);
  }
  return toolsByName.get(wanted);
}

/** Last, because models and programs read an answer from its beginning. */
function withNotices({ content, ...result }: CallToolResult, notices: Iterable<string>): CallToolResult {
  return { ...result, content: [...content, ...[...notices].map(text => ({ type: 'text' as const, text }))] };
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: plainText(text) }] };
}
