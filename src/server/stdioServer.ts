import type { McpServer } from '@modelcontextprotocol/server';
import { createServer, type ServerOptions } from './createServer.ts';
import type { Gate } from './gate.ts';
import type { Era } from './stdio.ts';
import { waitForSignIn } from './waitForSignIn.ts';

/** The parts of a server for stdio: who calls is known by the gate. */
export interface StdioServerOptions extends Omit<ServerOptions, 'authenticate' | 'requireScopes'> {
  readonly gate: Gate;
  readonly era: Era;
}

/** Builds the server of one era for stdio: its calls wait while the one person that uses it signs in. */
export function createStdioServer({ gate, era, ...options }: StdioServerOptions): McpServer {
  const server: McpServer = createServer({
    ...options,
    authenticate: ({ mcpReq: call }) => waitForSignIn({ gate, era, server, call }),
  });
  return server;
}
