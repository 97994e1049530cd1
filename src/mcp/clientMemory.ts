import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';

type Said = JSONRPCRequest | Exclude<JSONRPCMessage, { id?: unknown }>;

/**
 * What a client says once, and a server that starts again must hear again, in the order it was said. Of MCP's revision
 * of July 2026 there is no such thing: each request says it all.
 * @param contentOf what one of the messages says
 */
export function createMemoryOf<Kept>(contentOf: (message: Kept) => JSONRPCMessage) {
  const kept = new Map<string, Kept>();
  return {
    remember(message: Kept): void {
      const content = contentOf(message);
      if (!('method' in content)) return;
      const { method } = content;
      const uri = content.params?.['uri'];
      const resource = `resources/subscribe ${typeof uri === 'string' ? uri : ''}`;
      if (method === 'resources/subscribe') kept.set(resource, message);
      else if (method === 'resources/unsubscribe') kept.delete(resource);
      else if (['initialize', 'notifications/initialized', 'logging/setLevel'].includes(method)) {
        kept.set(method, message);
      }
    },
    messages: (): readonly Kept[] => [...kept.values()],
  };
}

/** {@link createMemoryOf} for messages that are nothing but what they say. */
export function createClientMemory() {
  const { remember, messages } = createMemoryOf((content: JSONRPCMessage) => content);
  return { remember, messages: () => messages() as readonly Said[] };
}
