import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import { isRpcError, type RpcError } from '../../../../mcp/answer.ts';
import { isObject } from '../../../../common/isObject.ts';
import { isId, toMessage, type Message } from '../../../../mcp/message.ts';
import { initializeFor } from '../handshake.ts';
import { json, objectIn, partOf, type Json } from '../messageParts.ts';
import { createId, type Peer } from '../peer.ts';
import { rpcCodes } from '../../../../mcp/names.ts';

/** What a legacy server has said in answer to `initialize`. */
export interface Initialized {
  readonly result: Readonly<Record<string, unknown>>;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Who it is, as it came. */
  readonly serverInfo: Json | undefined;
}

type Outcome = { readonly initialized: Initialized } | { readonly error: RpcError };

/** The server that a session is begun with. */
export interface ModernSessionOptions {
  /** Requests of ours to the server. */
  readonly server: Peer;
  toServer(message: Message): Promise<unknown>;
}

/** Begins the session that a legacy server wants, and a modern client knows nothing of, with its first request. */
export function createModernSession({ server, toServer }: ModernSessionOptions) {
  /** Requests of the client that wait for it. */
  const waiting = new Map<RequestId, PromiseWithResolvers<Outcome | undefined>>();
  let asked: RequestId | undefined;
  let initialized: Initialized | undefined;

  function begin(first: JSONRPCRequest): void {
    const { method, params } = initializeFor(first);
    const onAnswer = (answer: Message) => {
      asked = undefined;
      const outcome = outcomeOf(answer);
      if ('initialized' in outcome) {
        ({ initialized } = outcome);
        void toServer(toMessage({ jsonrpc: '2.0', method: 'notifications/initialized' }));
      }
      const all = [...waiting.values()];
      waiting.clear();
      for (const { resolve } of all) resolve(outcome);
    };
    const token = objectIn(first.params, '_meta')['progressToken'];
    asked = createId();
    server.ask(method, json(params), onAnswer, {
      id: asked,
      ...(isId(token) && { progressToken: token }),
    });
  }

  return {
    /** What the server has said; undefined where it has not yet. */
    known: (): Initialized | undefined => initialized,
    /** Waits until it has. @returns undefined where the request was cancelled by then */
    async ready(request: JSONRPCRequest): Promise<Outcome | undefined> {
      if (initialized) return { initialized };
      const waiter = Promise.withResolvers<Outcome | undefined>();
      waiting.set(request.id, waiter);
      if (asked === undefined) begin(request);
      return waiter.promise;
    },
    /** Ends the wait of a request of the client. @returns whether it did */
    cancel(id: RequestId): boolean {
      const waiter = waiting.get(id);
      if (!waiter) return false;
      waiting.delete(id);
      waiter.resolve(undefined);
      if (waiting.size === 0 && asked !== undefined) {
        server.cancel(asked);
        asked = undefined;
      }
      return true;
    },
  };
}

function outcomeOf(answer: Message): Outcome {
  const { error, result } = objectIn(answer.content);
  if (!isObject(result)) {
    return { error: isRpcError(error) ? error : { code: rpcCodes.internalError, message: 'Internal error' } };
  }
  return {
    initialized: {
      result,
      capabilities: objectIn(result, 'capabilities'),
      serverInfo: partOf(answer, 'result', 'serverInfo'),
    },
  };
}
