import type { RequestId } from '@modelcontextprotocol/server';
import type { LineMessage } from './lineMessage.ts';
import { createSubscriptions } from './subscriptions.ts';

/** What {@link createCallLedger} builds. */
export type CallLedger = ReturnType<typeof createCallLedger>;

/** Which calls are under way, in either direction. An open `subscriptions/listen` does not count as one,
 * although its answer is still to come. */
export function createCallLedger() {
  /** Requests of the client that the server has. */
  const sent = new Set<RequestId>();
  /** Requests of the server that the client has. */
  const asked = new Set<RequestId>();
  const subscriptions = createSubscriptions();
  return {
    asked,
    subscriptions,
    isIdle: (): boolean => sent.size === 0 && asked.size === 0,
    /** Whether the server owes the client an answer under that id. */
    has: (id: RequestId): boolean => sent.has(id) || subscriptions.has(id),
    /** What a message of the server's without a valid id may answer. */
    ids: (): RequestId[] => (sent.size > 0 ? [...sent] : subscriptions.ids()),
    add({ id, method }: { readonly id: RequestId; readonly method: string }, message: LineMessage): void {
      if (method === 'subscriptions/listen') subscriptions.add(id, message);
      else sent.add(id);
    },
    delete(id: RequestId): void {
      sent.delete(id);
      subscriptions.delete(id);
    },
    /** Forgets all that the server owes. @returns what that was */
    takeAll(): RequestId[] {
      const all = [...sent, ...subscriptions.ids()];
      sent.clear();
      subscriptions.clear();
      return all;
    },
  };
}
