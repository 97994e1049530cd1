import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import { isObject } from '../../common/isObject.ts';
import { isId } from '../../mcp/message.ts';
import { listChanges, metaKeys } from '../../mcp/names.ts';
import type { Carried } from './ends.ts';

/** Most subscriptions that are kept for a client. */
const mostOpen = 64;

interface Listen<Message> {
  readonly message: Message;
  readonly wanted: Readonly<Record<string, unknown>>;
  isHeld: boolean;
  /** Whether the server's own acknowledgement is still to come. */
  isAwaited: boolean;
}

/** The `subscriptions/listen` of a client of the 2026 era (MCP specification 2026-07-28, "Subscriptions") that we took. */
export function createListens<Message extends Carried>(say: (content: JSONRPCMessage) => void) {
  const open = new Map<RequestId, Listen<Message>>();

  return {
    /** Whether there are some that the server has not heard of. */
    isHolding: (): boolean => [...open.values()].some(({ isHeld }) => isHeld),
    /** Acknowledges one, and keeps it for the server. @returns false where there are too many */
    hold(message: Message, { id, params }: JSONRPCRequest): boolean {
      if (open.size >= mostOpen) return false;
      const wanted = isObject(params?.['notifications']) ? params['notifications'] : {};
      open.set(id, { message, wanted, isHeld: true, isAwaited: false });
      say({
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { _meta: { [metaKeys.subscriptionId]: id }, notifications: wanted },
      });
      return true;
    },
    /** Those that the server is to hear of now. */
    release(): Message[] {
      const held = [...open.values()].filter(({ isHeld }) => isHeld);
      for (const listen of held) {
        listen.isHeld = false;
        listen.isAwaited = true;
      }
      return held.map(({ message }) => message);
    },
    /** Ends one. @returns whether the server never heard of it */
    cancel(id: RequestId): boolean {
      const wasHeld = open.get(id)?.isHeld === true;
      open.delete(id);
      return wasHeld;
    },
    /** Whether that acknowledges what we acknowledged before: a client takes a second one for a mistake. */
    isSecondAcknowledgement(content: JSONRPCMessage): boolean {
      if (!('method' in content) || content.method !== 'notifications/subscriptions/acknowledged') {
        return false;
      }
      const id: unknown = content.params?._meta?.[metaKeys.subscriptionId];
      const listen = isId(id) ? open.get(id) : undefined;
      if (!listen?.isAwaited) return false;
      listen.isAwaited = false;
      return true;
    },
    /** Tells whoever listens that a list has changed. */
    tell(list: keyof typeof listChanges): void {
      const { filter, method } = listChanges[list];
      for (const [id, { wanted }] of open) {
        if (wanted[filter] !== true) continue;
        say({ jsonrpc: '2.0', method, params: { _meta: { [metaKeys.subscriptionId]: id } } });
      }
    },
  };
}
