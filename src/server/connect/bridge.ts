import { setTimeout as delay } from 'node:timers/promises';
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResponse,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { clientGone } from '../clientGone.ts';
import { noAnswer, ownErrorCode, wellFormed, type RpcError } from './answer.ts';
import { authorizedRequest, type AuthorizedRequestOptions } from './authorizedRequest.ts';
import { clientCall, type ClientCall } from './clientCall.ts';
import type { ClientEnd } from './clientEnd.ts';
import { explain } from './explain.ts';
import { ignoredTools } from './ignoredTools.ts';
import { createIntake } from './intake.ts';
import { lastAnswers } from './lastAnswers.ts';
import { idAtEitherEnd } from './lineReader.ts';
import {
  answers,
  hasMethod,
  isId,
  isRequest,
  NoMessageError,
  toMessage,
  withResultOf,
  type Message,
} from './message.ts';
import { OpenCalls } from './openCalls.ts';
import { refusedCall } from './refusedCall.ts';
import type { Call } from './remote.ts';
import { createSession, type SessionOptions } from './session.ts';

export interface ConnectOptions extends AuthorizedRequestOptions, Pick<SessionOptions, 'transport' | 'log'> {
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
}

/** How long (ms) the server may take to hear that the client is gone. */
const farewellLimit = 2_000;

/**
 * Passes every message between a client and a remote server, as it came, each request with a token
 * that is good now. Ends when the client goes away.
 */
export async function connect(client: ClientEnd, options: ConnectOptions): Promise<void> {
  const { url, transport, log } = options;
  const tools = ignoredTools(options.ignoreTools);
  const calls = new OpenCalls();
  const intake = createIntake(client.isFull);
  let isNonsenseSaid = false;
  /** What the client says and the server has not taken yet. */
  const turns = new Set<Promise<void>>();
  /**
   * Nothing may overtake `initialize`, whose answer names the session, or `initialized`: the server's own stream begins
   * with it.
   */
  let opening = Promise.resolve();
  const session = createSession({
    url,
    transport,
    log,
    intake,
    request: await authorizedRequest(options),
    onMessage: fromServer,
    onNonsense: nonsense,
    onAnswerLost(id, why) {
      const call = calls.get(id);
      if (call) fail(call, why);
    },
    onRefused(id, error) {
      const call = calls.get(id);
      if (call) end(call, refused(error, call));
    },
  });

  const over = clientGone();
  client.listen({
    onMessage(message) {
      const turn = mayOvertake(message) ? fromClient(message) : inTurn(message);
      turns.add(turn);
      return turn.finally(() => turns.delete(turn));
    },
    onMistake(error) {
      log.warn(`The client sent what is no message: ${String(error)}`);
      const isJson = error instanceof NoMessageError;
      say({
        id: undefined,
        error: isJson
          ? { code: -32_600, message: 'Invalid Request' }
          : { code: -32_700, message: 'Parse error' },
      });
    },
    onTooLong(beginning, end) {
      const message = l10n.t('A message of more than 32 MB cannot be passed on. Send less, or in parts.');
      say({ id: idAtEitherEnd(beginning, end), error: { code: -32_600, message } });
    },
    onDrain: intake.wake,
  });
  if ((await over) === undefined) await lastAnswers(lastWords);
  await Promise.race([session.terminate().catch(() => undefined), delay(farewellLimit)]);

  async function lastWords(): Promise<void> {
    await Promise.all(turns);
    // That one ends with the client only (MCP specification 2026-07-28, "Subscriptions").
    await calls.until(() => [...calls.values()].every(({ method }) => method === 'subscriptions/listen'));
  }

  /** Whether the server may wait for that before it answers `initialize`, or the client gives a call up. */
  function mayOvertake({ content }: Message): boolean {
    const isCancel = 'method' in content && content.method === 'notifications/cancelled';
    return !hasMethod(content) || (isCancel && calls.has(content.params?.['requestId'] as RequestId));
  }

  function inTurn(message: Message): Promise<void> {
    const { content } = message;
    const turn = opening.then(() => fromClient(message));
    if (isRequest(content) && content.method === 'initialize')
      opening = turn.then(() => calls.until(() => !calls.has(content.id)));
    else if ('method' in content && content.method === 'notifications/initialized') opening = turn;
    return turn;
  }

  /** Says so once: a server that goes on like that must not fill the log. */
  function nonsense(error: unknown): void {
    log[isNonsenseSaid ? 'debug' : 'warn'](`The server sent what is no message: ${String(error)}`);
    isNonsenseSaid = true;
  }

  /** Passes on what the server says. Never throws. */
  function fromServer(message: Message): void {
    const { content } = message;
    if (hasMethod(content)) {
      if ('id' in content && !isId(content.id)) nonsense('it asks without an id.');
      else client.send(message);
      return;
    }
    const id = answers(content);
    const call = id === undefined ? undefined : calls.get(id);
    // Late, twice, or never asked for.
    if (!call) return;
    try {
      const answer = wellFormed(content, call.id, url);
      const passed = answer === content ? message : rewritten(message, answer);
      client.send(call.method === 'tools/list' && tools.any ? tools.without(passed) : passed);
      calls.delete(call.id);
    } catch (error) {
      // Nesting without an end, say.
      log.debug(String(error));
      fail(call, noAnswer(url));
    }
  }

  /** Passes on what the client says. Never rejects. */
  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    try {
      if (isRequest(content)) await callServer(message, content);
      else if ('id' in content && 'method' in content)
        say({ id: content.id, error: { code: -32_600, message: 'Invalid Request' } });
      else if ('method' in content && content.method === 'notifications/cancelled')
        await cancel(message, content.params?.['requestId'] as RequestId);
      else if ('method' in content || answers(content) !== undefined) await deliver(message);
    } catch (error) {
      log.warn(explain(error, url));
    }
  }

  async function callServer(message: Message, content: JSONRPCRequest): Promise<void> {
    const { id, method, params } = content;
    if (calls.has(id)) {
      say({ id, error: { code: -32_600, message: l10n.t('Another call has that id.') } });
      return;
    }
    const call = clientCall(content, client);
    calls.set(id, call);
    const tool: unknown = params?.['name'];
    if (method === 'tools/call' && typeof tool === 'string' && tools.has(tool)) {
      fail(call, l10n.t('The tool {0} is turned off here.', tool));
      return;
    }
    try {
      await (method === 'initialize' ? session.begin(message, call) : session.deliver(message, call));
    } catch (error) {
      if (calls.get(id) === call) end(call, refused(error, call));
    }
  }

  async function cancel(message: Message, id: RequestId): Promise<void> {
    const call = calls.get(id);
    calls.delete(id);
    call?.stopWaiting();
    // A server that never got the call has nothing to cancel.
    if (call?.sent) await deliver(message);
    call?.abandon();
  }

  /** Passes on what wants no answer. */
  async function deliver(message: Message): Promise<void> {
    await session.deliver(message).catch((error: unknown) => {
      log.warn(explain(error, url));
    });
  }

  /** Why the server did not take a call, and what it waited for. */
  function refused(error: unknown, call: ClientCall): RpcError {
    const why = refusedCall(error, call.id, url);
    return why.code === ownErrorCode ? { ...why, message: call.explain(why.message) } : why;
  }

  function fail(call: Call, message: string): void {
    end(call, { code: ownErrorCode, message });
  }

  function end({ id }: Call, error: RpcError): void {
    calls.delete(id);
    say({ id, error });
  }

  /** Answers with an error; the id is `null` where there was none (JSON-RPC 2.0, section 5). */
  function say({ id, error }: { readonly id: unknown; readonly error: RpcError }): void {
    client.send(toMessage({ jsonrpc: '2.0', id: isId(id) ? id : null, error } as JSONRPCMessage));
  }
}

/** What was made of an answer, its result as it came. */
function rewritten(message: Message, answer: JSONRPCResponse): Message {
  return 'result' in answer ? withResultOf(message, answer) : toMessage(answer);
}
