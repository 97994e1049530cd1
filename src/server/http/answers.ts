/** Codes of JSON-RPC (section 5.1) that are answered before a message is one for the server; -32000 is ours to use. */
export const rpcCodes = {
  parseError: -32_700,
  invalidRequest: -32_600,
  internalError: -32_603,
  refused: -32_000,
};

/**
 * Refuses a request before it is known whether it is one of JSON-RPC, as MCP's Streamable HTTP has it ("Sending
 * Messages to the Server"): an error without an id. What only a program's author reads is English; what else a person
 * may read is translated.
 */
export function refuse(
  status: number,
  message: string,
  { code = rpcCodes.refused, headers = {} }: { code?: number; headers?: Record<string, string> } = {},
): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status, headers });
}
