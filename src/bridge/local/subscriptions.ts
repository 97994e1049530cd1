import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import { isId } from '../../mcp/message.ts';
import { metaKeys } from '../../mcp/names.ts';
import type { LineMessage } from './lineMessage.ts';

interface Subscription {
  readonly message: LineMessage;
  isAcknowledged: boolean;
}

/** The open `subscriptions/listen` of a client (MCP specification, "Subscriptions"), which outlive the server's processes. */
export function createSubscriptions() {
  const open = new Map<RequestId, Subscription>();
  return {
    has: (id: RequestId): boolean => open.has(id),
    ids: (): RequestId[] => [...open.keys()],
    add(id: RequestId, message: LineMessage): void {
      open.set(id, { message, isAcknowledged: false });
    },
    /** @returns whether it was open */
    delete: (id: RequestId): boolean => open.delete(id),
    clear(): void {
      open.clear();
    },
    /** What the next process must hear. */
    lines: (): Buffer[] => [...open.values()].map(({ message }) => message.line),
    /** Whether that acknowledges what was acknowledged before: the client takes a second one for a mistake. */
    isSecondAcknowledgement(content: JSONRPCMessage): boolean {
      if (!('method' in content) || content.method !== 'notifications/subscriptions/acknowledged') {
        return false;
      }
      const id: unknown = content.params?._meta?.[metaKeys.subscriptionId];
      const subscription = isId(id) ? open.get(id) : undefined;
      if (!subscription) return false;
      const { isAcknowledged } = subscription;
      subscription.isAcknowledged = true;
      return isAcknowledged;
    },
  };
}
