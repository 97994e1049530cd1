import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { RpcError } from '../../mcp/answer.ts';
import { rpcCodes } from '../../mcp/names.ts';
import { beforeTheServer } from '../../mcp/waitingProgress.ts';
import type { OnProgress } from '../../sessions/signInEvent.ts';
import type { TokenRequest } from '../../sessions/tokenSource.ts';
import { createWaitingCalls } from '../waitingCalls.ts';
import type { Carried } from './ends.ts';
import { RefusedError } from './ownRequests.ts';

/** What a call needs before the server can have it, and where it goes then. */
export interface EntranceOptions<Message extends Carried> {
  say(content: JSONRPCMessage): void;
  /** Signs in where that is needed, and has the server begin. @throws what {@link EntranceOptions.refusal} explains */
  prepare(request: TokenRequest): Promise<void>;
  /** Takes those that have waited. */
  take(messages: readonly Message[]): void;
  /** Why there is no token, as the error of that call. */
  refusal(error: unknown, id: RequestId): RpcError;
}

/** Where calls wait for a sign-in: all of them for one. */
export function createEntrance<Message extends Carried>(options: EntranceOptions<Message>) {
  const { say } = options;
  const waiting = createWaitingCalls<Message>({
    say: message => {
      say(message as JSONRPCMessage);
    },
    // The bridge counts on from where it begins.
    from: 2 * beforeTheServer,
    onEnough({ id }) {
      refuse(id, {
        code: rpcCodes.implementation,
        message: l10n.t('The call has not begun. Try again in a moment.'),
      });
    },
  });

  function refuse(id: RequestId, error: RpcError): void {
    const found = waiting.find(id);
    if (!found?.call) return;
    waiting.remove(found);
    const { progress } = found.call;
    const isOurs = error.code === rpcCodes.implementation;
    say({
      jsonrpc: '2.0',
      id,
      error: isOurs ? { ...error, message: progress.explain(error.message) } : error,
    });
  }

  function takeAll(): Message[] {
    const all: Message[] = [];
    for (let first; (first = waiting.first());) {
      waiting.remove(first);
      all.push(first.message);
    }
    return all;
  }

  return {
    isWaitedFor: (id: RequestId): boolean => waiting.find(id) !== undefined,
    isEmpty: (): boolean => !waiting.first(),
    /** Lets a call wait. Resolves when it waits no more. */
    async add(message: Message): Promise<void> {
      await waiting.add(message).taken;
    },
    /** @returns whether a call waited under that id */
    cancel(id: RequestId): boolean {
      const found = waiting.find(id);
      if (found) waiting.remove(found);
      return found !== undefined;
    },
    /** Tells all that wait what they wait for. */
    tell: waiting.tell satisfies OnProgress,
    /** Lets all in that wait, or tells them why not. Never rejects. */
    async open(): Promise<void> {
      while (waiting.first()) {
        let need: AbortSignal | undefined;
        try {
          await waiting.prepare(request => {
            need = request.signal;
            return options.prepare(request);
          });
          options.take(takeAll());
        } catch (error) {
          // Given up, because nobody waited.
          if (need?.aborted) continue;
          for (const { id } of waiting.calls()) {
            refuse(id, error instanceof RefusedError ? error.error : options.refusal(error, id));
          }
        }
      }
    },
  };
}
