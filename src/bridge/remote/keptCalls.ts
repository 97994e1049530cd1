import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import type { Message } from '../../mcp/message.ts';
import type { Call } from './call.ts';
import { saysSessionIsGone } from './sessionGone.ts';
import type { RemoteTransport } from './transport.ts';

/** A call without an answer, and the session that it was sent in. */
export interface KeptCall {
  readonly message: Message;
  readonly call: Call;
  readonly used: RemoteTransport | undefined;
}

/** Longest call (characters) that is kept. */
const longestKept = 1024 * 1024;

/** Keeps calls until they are answered: another session may take them where the answer says that this one is gone. */
export function createKeptCalls() {
  const kept = new Map<RequestId, KeptCall>();
  return {
    keep(its: KeptCall): void {
      const { message, call } = its;
      if (message.text.length > longestKept) return;
      kept.set(call.id, its);
      call.ended.addEventListener('abort', () => kept.delete(call.id), { once: true });
    },
    forget(id: RequestId): void {
      kept.delete(id);
    },
    /** Notes that any of them may have run. */
    markBegun(): void {
      for (const { call } of kept.values()) call.begun = true;
    },
    /** Takes an answer. @returns the call, where it has to be sent again and cannot run twice */
    take(id: RequestId, answer: JSONRPCMessage): KeptCall | undefined {
      const its = kept.get(id);
      kept.delete(id);
      return its && !its.call.begun && !its.call.ended.aborted && saysSessionIsGone(answer) ? its : undefined;
    },
  };
}
