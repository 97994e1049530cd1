import { createMcpHandler, type ServerNotifier } from '@modelcontextprotocol/server';
import { serveFetch } from '../../../conformance/httpServer.ts';
import type { Sessions } from '../sessions.ts';
import { createModernFeatures } from './modernFeatures.ts';

/** A server of the modern era only, by the SDK's HTTP handler; it knows no sessions. */
export function modernSessions(): Sessions & { readonly notify: ServerNotifier } {
  const handler = createMcpHandler(createModernFeatures, { legacy: 'reject' });
  return {
    handle: (request, response) => serveFetch(handler.fetch, request, response),
    servers: () => [],
    forget: () => void handler.close(),
    notify: handler.notify,
  };
}
