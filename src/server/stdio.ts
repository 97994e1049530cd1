import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import * as l10n from '@vscode/l10n';
import { clientGone } from './clientGone.ts';
import { stdioTransport } from './stdioTransport.ts';

/**
 * Serves on stdin and stdout (MCP specification, "stdio") until the client goes away.
 * Nothing but protocol may be written to stdout from then on.
 * @throws Error where a message of the client is too long
 */
export async function serveStdio(server: McpServer): Promise<void> {
  const transport = openStdio();
  const over = Promise.race([clientGone(), stoppedReading(transport)]);
  try {
    await server.connect(transport);
    await over;
  } finally {
    await server.close();
  }
}

/** Rejects when the transport closes by itself: it reads no message of more than 10 MB, and none after it. */
export function stoppedReading(transport: Transport): Promise<never> {
  return new Promise((_resolve, reject) => {
    transport.onclose = () => {
      reject(
        new Error(l10n.t('The client sent a message that is too long. Start the server anew in the client.')),
      );
    };
  });
}

/** The client's end of the pipes. */
export function openStdio(): Transport {
  // Each answer adds a listener while the client reads slowly; Node.js would warn of that.
  process.stdout.setMaxListeners(0);
  return stdioTransport();
}
