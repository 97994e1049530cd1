import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Log } from '../../../common/log.ts';
import { withoutTools } from '../ignoredTools.ts';
import { isObject } from '../../../common/isObject.ts';
import { toMessage, type Message } from '../../../mcp/message.ts';
import type { Call } from '../call.ts';
import { headersOf, InvalidMarkError, mirroredArguments } from './toolHeaders.ts';

/** How many tools are kept whose calls need headers, and how many pages of a list are asked for. */
const mostTools = 10_000;
const mostPages = 50;
/** Longest name (characters) of a tool in a line of the log. */
const longestName = 100;

type Ask = (message: Message, call: Call) => Promise<Message>;

/** What the lists of a server's tools say about the headers of their calls. */
export function createToolMarks({ log, ask }: { readonly log: Log; readonly ask: Ask }) {
  const marks = new Map<string, ReturnType<typeof mirroredArguments>>();
  /** Tools that were left out, each of which is said once. */
  const said = new Set<string>();

  function take(tool: unknown): boolean {
    if (!isObject(tool) || typeof tool['name'] !== 'string') return true;
    const { name, inputSchema } = tool;
    marks.delete(name);
    try {
      const mirrored = mirroredArguments(inputSchema);
      if (mirrored.length > 0 && marks.size < mostTools) marks.set(name, mirrored);
      return true;
    } catch (error) {
      if (!(error instanceof InvalidMarkError)) throw error;
      if (!said.has(name) && said.size < mostTools) {
        said.add(name);
        log.warn(`The tool ${JSON.stringify(name.slice(0, longestName))} is left out: ${error.message}.`);
      }
      return false;
    }
  }

  function toolsIn(content: JSONRPCMessage): { readonly tools: unknown[]; readonly next: unknown } {
    const { result } = content as { readonly result?: unknown };
    const tools = isObject(result) ? result['tools'] : undefined;
    return {
      tools: Array.isArray(tools) ? tools : [],
      next: isObject(result) ? result['nextCursor'] : undefined,
    };
  }

  return {
    /** Notes an answer to `tools/list`. @returns it without the tools whose definition no client may take */
    note(message: Message): Message {
      const valid = new Set(toolsIn(message.content).tools.filter(take));
      return withoutTools(message, tool => !valid.has(tool));
    },
    /** The headers that a call needs because of its arguments. */
    headersFor({ method, params }: JSONRPCRequest): OutgoingHttpHeaders {
      const name: unknown = params?.['name'];
      const mirrored = method === 'tools/call' && typeof name === 'string' ? marks.get(name) : undefined;
      return mirrored ? headersOf(mirrored, params?.['arguments']) : {};
    },
    /** Asks for the server's tools, on behalf of a call that had not the headers it needs. */
    async refresh({ params }: JSONRPCRequest, { ended }: Call): Promise<void> {
      let cursor: unknown;
      for (let page = 0; page < mostPages; page++) {
        const id = randomUUID();
        const request = {
          jsonrpc: '2.0' as const,
          id,
          method: 'tools/list',
          params: { _meta: metaOf(params), ...(typeof cursor === 'string' && { cursor }) },
        };
        const call = { id, method: 'tools/list', unattended: true, ended, sent: false };
        const { content } = await ask(toMessage(request), call);
        const { tools, next } = toolsIn(content);
        tools.forEach(take);
        if (
          typeof next !== 'string' ||
          tools.some(tool => isObject(tool) && tool['name'] === params?.['name'])
        ) {
          return;
        }
        cursor = next;
      }
    },
  };
}

/** Who asks, and in which revision; not how the progress of the one call is told. */
function metaOf(params: JSONRPCRequest['params']): Record<string, unknown> {
  const { progressToken: _ours, ...meta } = params?._meta ?? {};
  return meta;
}
