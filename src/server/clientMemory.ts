import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';

/** What a client says once, and a server that starts anew must hear again, in the order it was said. */
export function createClientMemory() {
  const kept = new Map<string, JSONRPCMessage>();
  return {
    remember(message: JSONRPCMessage): void {
      if (!('method' in message)) return;
      const { method } = message;
      const uri = message.params?.['uri'];
      const resource = `resources/subscribe ${typeof uri === 'string' ? uri : ''}`;
      if (method === 'resources/subscribe') kept.set(resource, message);
      else if (method === 'resources/unsubscribe') kept.delete(resource);
      else if (['initialize', 'notifications/initialized', 'logging/setLevel'].includes(method))
        kept.set(method, message);
    },
    messages: () => [...kept.values()] as (JSONRPCRequest | Exclude<JSONRPCMessage, { id?: unknown }>)[],
  };
}
