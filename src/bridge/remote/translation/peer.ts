import { randomUUID } from 'node:crypto';
import type { RequestId } from '@modelcontextprotocol/server';
import type { Manner } from '../transport.ts';
import { answers, toMessage, type Message } from '../../../mcp/message.ts';
import { json, jsonId, messageOf, type Json } from './messageParts.ts';

/** An id that neither end can choose by chance. */
export function createId(): RequestId {
  return randomUUID();
}

interface AskOptions extends Manner {
  /** One by {@link createId}. */
  readonly id?: RequestId;
}

/** One of the ends, as we ask something of it by ourselves. */
export interface Peer {
  /**
   * Sends a request.
   * @param onAnswer hears its answer, which may come at once
   */
  ask(
    method: string,
    params: Json | undefined,
    onAnswer: (answer: Message) => void,
    options?: AskOptions,
  ): void;
  /** Waits no more for an answer, and says so. */
  cancel(id: RequestId): void;
  /** Takes an answer to a request of ours. @returns whether it is one */
  take(message: Message): boolean;
}

/** @param send what takes messages to that end */
export function createPeer(send: (message: Message, manner: Manner) => unknown): Peer {
  const open = new Map<RequestId, (answer: Message) => void>();
  return {
    ask(method, params, onAnswer, { id = createId(), ...manner } = {}) {
      open.set(id, onAnswer);
      void send(messageOf({ id: jsonId(id), method: json(method), params }), manner);
    },
    cancel(requestId) {
      if (!open.delete(requestId)) return;
      void send(toMessage({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }), {});
    },
    take(message) {
      const id = answers(message.content);
      const onAnswer = id === undefined ? undefined : open.get(id);
      if (id === undefined || !onAnswer) return false;
      open.delete(id);
      onAnswer(message);
      return true;
    },
  };
}
