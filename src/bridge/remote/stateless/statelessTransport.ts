import type { OutgoingHttpHeaders } from 'node:http';
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Call } from '../call.ts';
import type { Answer } from '../decoding.ts';
import { isEventStream } from '../eventStream.ts';
import { answers, hasMethod, type Message } from '../../../mcp/message.ts';
import { discard, RemoteError } from '../refusal.ts';
import {
  asError,
  callOf,
  loseAnswer,
  rawOf,
  receiveRaw,
  type RemoteOptions,
  type RemoteTransport,
} from '../transport.ts';
import { whileAway } from '../whileAway.ts';
import { codeOf, jsonIn } from '../../../mcp/words.ts';
import { ask, post, readAnswer, type ExchangeOptions } from './exchange.ts';
import { createListening } from './listening.ts';
import { withResultType } from './resultType.ts';
import { createToolMarks } from './toolMarks.ts';
import { rpcCodes } from '../../../mcp/names.ts';

/**
 * A server that keeps no session (MCP specification 2026-07-28, "Streamable HTTP"): each request is a POST of its own,
 * and whoever gives its answer up cancels it.
 */
export function createStatelessTransport({
  url,
  request,
  intake,
  log,
  limits,
}: RemoteOptions): RemoteTransport {
  const stop = new AbortController();
  const onMessage = (message: Message) => {
    receiveRaw(transport, message);
  };
  const onLost = (call: Call, why: unknown) => {
    loseAnswer(transport, call, why);
  };
  const options: ExchangeOptions = {
    url,
    request,
    intake,
    limits,
    onNonsense: error => transport.onerror?.(asError(error)),
  };
  const marks = createToolMarks({ log, ask: (message, call) => ask(options, message, call) });
  const listening = createListening({ ...options, log, onMessage, onLost }, stop.signal);

  async function send(message: Message, call: Call, isSecond = false): Promise<void> {
    const content = message.content as JSONRPCRequest;
    const headers = marks.headersFor(content);
    const mayHelp = !isSecond && content.method === 'tools/call';
    const response = await post(options, message, call, headers).catch(async (error: unknown) => {
      if (mayHelp && isMismatch(error) && (await knowsMore(content, call, headers))) return undefined;
      throw error;
    });
    if (!response) return send(message, call, true);
    listening.wake();
    if (content.method === 'subscriptions/listen') {
      void listening.follow(response, message, call);
      return;
    }
    const read = readThrough(response, call, mayHelp).then(async mismatch => {
      if (!mismatch) return;
      if (await knowsMore(content, call, headers)) await send(message, call, true);
      else onMessage(mismatch);
    });
    if (!isEventStream(response)) return read;
    read.catch((error: unknown) => transport.onrefused?.(call.id, error));
  }

  /** Passes on what comes up to the answer. @returns the answer, where it says that headers are missing */
  async function readThrough(response: Answer, call: Call, mayHelp: boolean): Promise<Message | undefined> {
    let mismatch: Message | undefined;
    const { isAnswered, why } = await readAnswer(options, response, call, message => {
      const isAnswer = answers(message.content) === call.id;
      const typed = isAnswer ? withResultType(message) : message;
      if (isAnswer && mayHelp && codeOf(message.content) === rpcCodes.headerMismatch) mismatch = message;
      else if (isAnswer) onMessage(call.method === 'tools/list' ? marks.note(typed) : typed);
      else onMessage(message);
    });
    if (!isAnswered && !call.ended.aborted) onLost(call, why);
    return mismatch;
  }

  /** Asks for the server's tools. @returns whether the call would have other headers now */
  async function knowsMore(
    content: JSONRPCRequest,
    call: Call,
    before: OutgoingHttpHeaders,
  ): Promise<boolean> {
    await marks.refresh(content, call).catch((error: unknown) => {
      log.debug(`The tools could not be listed: ${String(error)}`);
    });
    return JSON.stringify(marks.headersFor(content)) !== JSON.stringify(before);
  }

  const transport: RemoteTransport = {
    hasPerRequestStream: true,
    start: () => Promise.resolve(),
    async send(sent, given) {
      const message = rawOf(sent, given);
      const { content } = message;
      // A call is cancelled by leaving it, and that server asks nothing that could be answered.
      const isCancel = 'method' in content && content.method === 'notifications/cancelled';
      if (isCancel || !hasMethod(content)) return;
      const call = callOf(content, given);
      await whileAway(
        async () => {
          if (call) await send(message, call);
          else discard(await post(options, message, call));
        },
        { url, log, limits, signal: call?.waiting?.signal },
      );
    },
    terminateSession() {
      stop.abort();
      return Promise.resolve();
    },
    close() {
      stop.abort();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return transport;
}

/** Whether a refusal, or a part of one, is about headers. */
function isMismatch(error: unknown): boolean {
  return (
    error instanceof RemoteError &&
    jsonIn(error.body).some(value => codeOf(value) === rpcCodes.headerMismatch)
  );
}
