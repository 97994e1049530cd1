import * as l10n from '@vscode/l10n';
import { connectionFailure } from '../../auth/connectionFailure.ts';
import { codeOf, jsonIn } from '../../mcp/words.ts';
import { rpcCodes } from '../../mcp/names.ts';

/** Longest refusal (bytes) that is looked at. */
const longestRefusal = 64 * 1024;
/** How long (ms) a server may take to answer, where nobody says otherwise. */
const usualLimit = 10_000;

/**
 * Asks an address for a session without any token: a server that wants one says so, which will do.
 * @param limit how long (ms) it may take to answer
 * @returns what speaks against there being an MCP server; undefined where nothing does
 */
export async function lookForServer(
  url: string,
  signal: AbortSignal,
  limit = usualLimit,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        // Firewalls refuse who does not name themselves.
        'user-agent': 'omnispindle',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-06-18',
          capabilities: {},
          clientInfo: { name: 'omnispindle', version: '1' },
        },
      }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]),
    });
    const { status, headers } = response;
    if (status === 404 && (await knowsNoSuchMethod(response))) return undefined;
    await response.body?.cancel();
    if (
      status === 200 &&
      !/^(?:application\/json|text\/event-stream)\b/i.test(headers.get('content-type') ?? '')
    ) {
      return l10n.t('{0} is a page, not an MCP server.', url);
    }
    // Others than these are what a server of the older SSE transport says.
    if ([200, 401, 403].includes(status) || [400, 405, 406, 415, 422, 501].includes(status)) return undefined;
    return l10n.t('{0} answered with status {1}.', url, status);
  } catch (error) {
    return connectionFailure(error, url) ?? l10n.t('{0} did not answer.', url);
  }
}

/** Whether a server of the newest revision says that it has no `initialize` (MCP specification 2026-07-28). */
async function knowsNoSuchMethod({ body }: Response): Promise<boolean> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > longestRefusal) return false;
  }
  return jsonIn(text).some(value => codeOf(value) === rpcCodes.methodNotFound);
}
