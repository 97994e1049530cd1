import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/server';
import { answers, type Message } from '../../../mcp/message.ts';
import { metaKeys } from '../../../mcp/names.ts';
import { waitingForAnswer } from '../../../mcp/waitingProgress.ts';
import { createBridgeRequests } from '../../bridgeRequests.ts';
import type { ClientCall } from '../clientCall.ts';
import type { Era } from '../eras/era.ts';
import { missingCapability, type InputRequest } from '../translation/capabilities.ts';
import { objectIn, partOf, withMembers } from '../translation/messageParts.ts';
import { canAsk, digestOf } from '../translation/modernClient/heldCall.ts';
import { createRequestStates } from '../translation/modernClient/requestStates.ts';
import type { ClientTransport } from '../transport.ts';
import type { Decision } from './consent.ts';

/** How long (ms) a person may take. */
const patience = 300_000;
const inputKey = 'omnispindle-consent';

/** A call that its client has to send again, with what the person said. */
interface Held {
  readonly message: Message;
  decide(decision: Decision): void;
}

/** Questions to the person by the client's elicitation (MCP specification, "Elicitation"). */
export interface Questions {
  /** Hears what the client says first, for what it can do. */
  note(content: JSONRPCMessage): void;
  /** @returns whether that is the answer to a question of ours */
  takes(content: JSONRPCMessage): boolean;
  /** The call as it was before the question that this one answers; the same where it answers none. */
  original(message: Message): Message;
  /**
   * Asks the person, while the call waits.
   * @param answer ends the call, with a result that has its client ask the person and send it again
   */
  ask(
    text: string,
    call: ClientCall,
    message: Message,
    answer: (result: JSONRPCMessage) => void,
  ): Promise<Decision>;
}

/** Asks a client of that era. */
export function createQuestions(era: Era, client: Pick<ClientTransport, 'send'>): Questions {
  let declared: Readonly<Record<string, unknown>> = {};
  const requests = createBridgeRequests();
  const states = createRequestStates<Held>(({ decide }) => {
    decide(undefined);
  });

  function can(request: InputRequest, { content }: Message): boolean {
    const ownCapabilities = objectIn(content, 'params', '_meta', metaKeys.clientCapabilities);
    return !missingCapability(request, era === 'modern' ? ownCapabilities : declared);
  }

  /** By a request to the client, as a server's. */
  async function elicit(request: InputRequest, { id, ended, waiting }: ClientCall): Promise<Decision> {
    const own = `omnispindle-${randomUUID()}`;
    const signals = [ended, AbortSignal.timeout(patience), ...(waiting?.signal ? [waiting.signal] : [])];
    const over = AbortSignal.any(signals);
    const giveUp = () => {
      if (!requests.lose(own, 'Nobody answered.')) return;
      const params = { requestId: own };
      void client.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
    };
    over.addEventListener('abort', giveUp, { once: true });
    waiting?.keep?.(waitingForAnswer());
    try {
      const answer = await requests.ask(own, () =>
        client.send({ jsonrpc: '2.0', id: own, ...request }, { relatedRequestId: id }),
      );
      return decisionIn(objectIn(answer, 'result'));
    } catch {
      return undefined;
    } finally {
      over.removeEventListener('abort', giveUp);
      waiting?.stop();
    }
  }

  return {
    note(content) {
      if ('method' in content && content.method === 'initialize') {
        declared = objectIn(content, 'params', 'capabilities');
      }
    },
    takes: content => requests.answer(answers(content), content),
    original(message) {
      const { method, params } = message.content as JSONRPCRequest;
      const state: unknown = params?.['requestState'];
      const held = typeof state === 'string' ? states.get(state) : undefined;
      if (!held) return message;
      const before = held.message.content as JSONRPCRequest;
      if (before.method !== method || digestOf(before.params) !== digestOf(params)) return message;
      states.take(String(state));
      held.decide(decisionIn(objectIn(params, 'inputResponses', inputKey)));
      return withMembers(message, ['params'], {
        inputResponses: partOf(held.message, 'params', 'inputResponses'),
        requestState: partOf(held.message, 'params', 'requestState'),
      });
    },
    async ask(text, call, message, answer) {
      const params = { message: text, requestedSchema: { type: 'object', properties: {} } };
      const request: InputRequest = { method: 'elicitation/create', params };
      if (!can(request, message)) return undefined;
      if (era === 'legacy') return elicit(request, call);
      if (!canAsk(call)) return undefined;
      const { promise, resolve } = Promise.withResolvers<Decision>();
      const result = {
        resultType: 'input_required',
        inputRequests: { [inputKey]: request },
        requestState: states.put({ message, decide: resolve }),
      };
      answer({ jsonrpc: '2.0', id: call.id, result });
      return promise;
    },
  };
}

/** What a person said: to close the question is a no, or it would come again at once. */
function decisionIn({ action }: Readonly<Record<string, unknown>>): Decision {
  return action === 'accept' ? action : 'decline';
}
