import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { type RpcError } from '../../../../mcp/answer.ts';
import { answers, isId, toMessage, withId, type Message } from '../../../../mcp/message.ts';
import { InputError } from './inputErrors.ts';
import { createWaitingProgress, waitingForAnswer } from '../../../../mcp/waitingProgress.ts';
import { createInputRounds, type InputRounds, type InputRoundsOptions } from './inputRounds.ts';
import { errorAnswer, jsonId, objectIn, withMembers } from '../messageParts.ts';
import { createId } from '../peer.ts';
import { forLegacyClient } from '../results.ts';
import { createStepwiseProgress } from './stepwiseProgress.ts';
import { rpcCodes } from '../../../../mcp/names.ts';

/** The two ends that a call goes between. */
export interface LegacyCallsOptions {
  toServer(message: Message): Promise<unknown>;
  toClient(message: Message): void;
  /** What is asked of the client for a call. */
  rounds(): InputRoundsOptions;
  /** After how long (ms) a client hears that its call waits; a second where absent. */
  readonly quietFor?: number | undefined;
}

interface LegacyCall {
  /** The client's id of it. */
  readonly id: RequestId;
  readonly message: Message;
  readonly method: string;
  readonly progressToken: unknown;
  /** The id that the server has it under now; undefined while the client is asked. */
  leg: RequestId | undefined;
  rounds: InputRounds | undefined;
  /** Gives up what is waited for before the call is sent again. */
  readonly over: AbortController;
}

/** The calls of a legacy client at a modern server; one may take several requests there. */
export function createLegacyCalls({ toServer, toClient, rounds, quietFor }: LegacyCallsOptions) {
  const calls = new Map<RequestId, LegacyCall>();
  /** The same by the ids that the server has. */
  const legs = new Map<RequestId, LegacyCall>();
  const progress = createStepwiseProgress();

  function send(call: LegacyCall, leg: RequestId, message: Message): Promise<unknown> {
    call.leg = leg;
    legs.set(leg, call);
    progress.step(call.progressToken);
    return toServer(message);
  }

  async function nextRound(call: LegacyCall, answer: Message): Promise<void> {
    const waited = (call.rounds ??= createInputRounds(call.message, rounds()));
    const news = keepWaiting(call, waited);
    try {
      const next = await waited.next(answer);
      news.stop();
      if (!next || calls.get(call.id) !== call) return;
      const leg = createId();
      await send(call, leg, withId(next, leg));
    } catch (error) {
      if (calls.get(call.id) === call) finish(call, errorAnswer(call.id, rpcErrorOf(error)));
    } finally {
      news.stop();
    }
  }

  /** A client gives a call up after a minute without news, and its person may read longer. */
  function keepWaiting(call: LegacyCall, { waitsFor }: InputRounds): { stop(): void } {
    const { progressToken, over } = call;
    const news = createWaitingProgress(
      {
        _meta: isId(progressToken) ? { progressToken } : {},
        async sendNotification({ method, params }) {
          const next = progress.next(progressToken);
          toClient(toMessage({ jsonrpc: '2.0', method, params: { ...params, progress: next } }));
        },
        signal: over.signal,
      },
      {
        withoutNews: () => (waitsFor() === 'answer' ? waitingForAnswer() : waitingForServer()),
        quietFor,
      },
    );
    over.signal.addEventListener('abort', news.stop, { once: true });
    return news;
  }

  function finish(call: LegacyCall, answer: Message): void {
    forget(call);
    toClient(answer);
    for (const elicitationId of call.rounds?.elicitations() ?? []) {
      toClient(
        toMessage({
          jsonrpc: '2.0',
          method: 'notifications/elicitation/complete',
          params: { elicitationId },
        }),
      );
    }
  }

  function forget(call: LegacyCall): void {
    calls.delete(call.id);
    if (call.leg !== undefined) legs.delete(call.leg);
    progress.forget(call.progressToken);
    call.over.abort();
  }

  return {
    /** Sends a call of the client to the server. */
    begin(message: Message): Promise<unknown> {
      const { id, method, params } = message.content as JSONRPCRequest;
      const { progressToken } = objectIn(params, '_meta');
      const over = new AbortController();
      const call: LegacyCall = {
        id,
        message,
        method,
        progressToken,
        leg: undefined,
        rounds: undefined,
        over,
      };
      calls.set(id, call);
      return send(call, id, message);
    },
    /** Takes an answer of the server. */
    answer(message: Message): void {
      const leg = answers(message.content);
      const call = leg === undefined ? undefined : legs.get(leg);
      if (leg === undefined || !call) return;
      legs.delete(leg);
      call.leg = undefined;
      const { resultType = 'complete' } = objectIn(message.content, 'result');
      if (resultType === 'input_required') {
        void nextRound(call, message);
        return;
      }
      if (resultType !== 'complete') {
        finish(call, errorAnswer(call.id, unknownResult(resultType)));
        return;
      }
      const answer = forLegacyClient(message, call.method);
      finish(call, leg === call.id ? answer : withId(answer, call.id));
    },
    /** The client gives a call up. @param message its `notifications/cancelled` */
    async cancel(id: RequestId, message: Message): Promise<void> {
      const call = calls.get(id);
      if (!call) return;
      forget(call);
      call.rounds?.cancel();
      const { leg } = call;
      if (leg === undefined) return;
      await toServer(leg === id ? message : withMembers(message, ['params'], { requestId: jsonId(leg) }));
    },
    /** A notification of the server, with the progress of all that a call took. */
    counted(message: Message): Message {
      const { method } = message.content as { readonly method?: unknown };
      return method === 'notifications/progress' ? progress.counted(message) : message;
    },
  };
}

/** What a call waits for while it is only sent again from time to time, as while its person is at an address. */
function waitingForServer(): string {
  return l10n.t('The server is not ready to go on; the call is sent again until it is.');
}

function unknownResult(type: unknown): RpcError {
  return {
    code: rpcCodes.implementation,
    message: l10n.t(
      'The server answered with a result of the kind {0}, which the revision of MCP that the client speaks has nothing for.',
      JSON.stringify(type).slice(0, 100),
    ),
  };
}

function rpcErrorOf(error: unknown): RpcError {
  return error instanceof InputError
    ? error.error
    : { code: rpcCodes.implementation, message: String(error) };
}
