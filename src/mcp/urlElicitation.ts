import { randomUUID } from 'node:crypto';
import type { McpServer } from '@modelcontextprotocol/server';
import { safeAddress } from '../auth/address.ts';

/** How long (ms) the person's answer counts; a sign-in ends before. */
const patience = 30 * 60_000;

/**
 * Offers an address to the person through a client that declares URL-mode elicitation (MCP 2025-11-25,
 * "Elicitation"), if it is https or on this machine; once each, and without waiting for the answer: that the address
 * was opened is not that the person has signed in. A person who declines is heard.
 */
export function createUrlElicitation(server: McpServer['server'], onDecline: () => void) {
  const complete: (() => Promise<void>)[] = [];
  const over = new AbortController();
  let offered: string | undefined;
  return {
    offer(message: string, url: string): void {
      if (!server.getClientCapabilities()?.elicitation?.url || offered === url || !safeAddress(url)) return;
      offered = url;
      const elicitationId = randomUUID();
      complete.push(server.createElicitationCompletionNotifier(elicitationId));
      server
        .elicitInput({ mode: 'url', message, url, elicitationId }, { timeout: patience, signal: over.signal })
        .then(
          ({ action }) => {
            if (action !== 'accept' && offered === url) onDecline();
          },
          () => undefined,
        );
    },
    /** Tells the client that what it shows is over. */
    finish(): void {
      for (const notify of complete) void notify().catch(() => undefined);
      over.abort();
    },
  };
}
