import {
  isJSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  UnsupportedProtocolVersionError,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type McpServer,
  type Transport,
} from '@modelcontextprotocol/server';
import { serveStdio as serveEras } from '@modelcontextprotocol/server/stdio';
import * as l10n from '@vscode/l10n';
import type { Log } from '../common/log.ts';
import { clientGone } from '../mcp/clientGone.ts';
import { withMeantArguments } from './lenientInput.ts';
import { createStdioTransport } from '../mcp/stdioTransport.ts';

/** The era of MCP that a client speaks: up to 2025-11-25, with a handshake, or from 2026-07-28 on, without one. */
export type Era = 'legacy' | 'modern';

/** The revisions of the newer era that the SDK speaks; it does not name them to others. */
const modernRevisions: readonly string[] = ['2026-07-28'];

/** Builds a server that speaks that era. */
export type ServerOfEra = (era: Era) => McpServer;

/**
 * Serves on stdin and stdout (MCP specification, "stdio") until the client goes away, in the era of its first message.
 * Nothing but protocol may be written to stdout from then on.
 * @throws Error where a message of the client is too long
 */
export async function serveStdio(serverOf: ServerOfEra, log: Pick<Log, 'debug'>): Promise<void> {
  const transport = openStdio();
  const servers: McpServer[] = [];
  let last: Era | undefined;
  const gone = clientGone();
  const served = serveEras(
    ({ era }) => {
      last = era;
      const server = serverOf(era);
      servers.push(server);
      return server;
    },
    {
      transport,
      onerror(error) {
        log.debug(`stdio: ${error.message}`);
      },
    },
  );
  hearLeniently(transport, () => last === 'modern');
  try {
    await Promise.race([gone, stoppedReading(transport)]);
  } finally {
    await served.close();
    // Where the transport closed by itself, nobody has waited for the servers to close.
    await Promise.all(servers.map(server => server.close()));
  }
}

/**
 * Puts right what the SDK is too strict or not strict enough with: arguments that are null or JSON text, and the
 * revision of messages after the first, which it does not look at.
 */
function hearLeniently(transport: Transport, isModern: () => boolean): void {
  const { onmessage } = transport;
  transport.onmessage = (heard: JSONRPCMessage, extra) => {
    const message = withMeantArguments(heard);
    const requested = isModern() && isJSONRPCRequest(message) ? revisionOf(message) : undefined;
    if (requested === undefined || modernRevisions.includes(requested) || !('id' in message)) {
      onmessage?.(message, extra);
      return;
    }
    const refusal = new UnsupportedProtocolVersionError({ supported: [...modernRevisions], requested });
    const { code, message: text, data } = refusal;
    void transport.send({ jsonrpc: '2.0', id: message.id, error: { code, message: text, data } });
  };
}

function revisionOf({ params }: JSONRPCRequest): string | undefined {
  const revision = params?._meta?.[PROTOCOL_VERSION_META_KEY];
  return typeof revision === 'string' ? revision : undefined;
}

/** Rejects when the transport closes by itself: it reads no message of more than 10 MB, and none after it. */
function stoppedReading(transport: Pick<Transport, 'onclose'>): Promise<never> {
  return new Promise((_resolve, reject) => {
    const { onclose } = transport;
    transport.onclose = () => {
      onclose?.();
      reject(
        new Error(l10n.t('The client sent a message that is too long. Restart the server in the client.')),
      );
    };
  });
}

/** The client's end of the pipes. */
function openStdio(): Transport {
  // Each answer adds a listener while the client reads slowly; Node.js would warn of that.
  process.stdout.setMaxListeners(0);
  return createStdioTransport();
}
