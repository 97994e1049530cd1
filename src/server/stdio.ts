import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

/**
 * Serves on stdin and stdout (MCP specification, "stdio") until the client goes away.
 * Nothing but protocol may be written to stdout from then on.
 */
export async function serveStdio(server: McpServer): Promise<void> {
  const over = clientGone();
  // The transport listens once for each answer that a client has not read yet; that is no leak.
  process.stdout.setMaxListeners(0);
  await server.connect(new StdioServerTransport());
  await over;
  await server.close();
}

/** Resolves when the client closes the pipes or asks the process to end. */
export function clientGone(): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      resolve();
    };
    process.stdin.once('end', over).once('close', over);
    process.stdout.once('error', over);
    process.once('SIGINT', over).once('SIGTERM', over);
  });
}
