import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { clientGone } from './clientGone.ts';

/**
 * Serves on stdin and stdout (MCP specification, "stdio") until the client goes away.
 * Nothing but protocol may be written to stdout from then on.
 */
export async function serveStdio(server: McpServer): Promise<void> {
  const over = clientGone();
  await server.connect(openStdio());
  await over;
  await server.close();
}

/** The client's end of the pipes. */
export function openStdio(): StdioServerTransport {
  // The SDK adds a listener for each answer while the client reads slowly; Node.js would warn of that.
  process.stdout.setMaxListeners(0);
  return new StdioServerTransport();
}
