import { randomUUID } from 'node:crypto';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { safeAddress } from '../auth/address.ts';

/**
 * Offers an address to the person through a client that declares URL-mode elicitation (MCP specification,
 * "Elicitation"), if it is https or on this machine; once each, and without waiting for the answer, which the
 * sign-in itself gives.
 */
export function urlElicitation(server: Server) {
  const complete: (() => Promise<void>)[] = [];
  let offered: string | undefined;
  return {
    offer(message: string, url: string): void {
      if (!server.getClientCapabilities()?.elicitation?.url || offered === url || !safeAddress(url)) return;
      offered = url;
      const elicitationId = randomUUID();
      complete.push(server.createElicitationCompletionNotifier(elicitationId));
      void server.elicitInput({ mode: 'url', message, url, elicitationId }).catch(() => undefined);
    },
    /** Tells the client that what it shows is over. */
    finish(): void {
      for (const notify of complete) void notify().catch(() => undefined);
    },
  };
}
