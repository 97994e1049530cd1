import type { JSONRPCRequest, JSONRPCResponse, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../common/log.ts';
import { noAnswer, wellFormed, type RpcError } from '../../mcp/answer.ts';
import type { Call } from './call.ts';
import type { Consent } from './consent/consent.ts';
import type { Questions } from './consent/questions.ts';
import { createClientCall, type ClientCall } from './clientCall.ts';
import { explain, explainLost } from './explain.ts';
import type { createIgnoredTools } from './ignoredTools.ts';
import {
  answers,
  hasMethod,
  isId,
  isRequest,
  toMessage,
  withResultOf,
  type Message,
} from '../../mcp/message.ts';
import { waitingForAnswer } from '../../mcp/waitingProgress.ts';
import { OpenCalls } from './openCalls.ts';
import { refusedCall } from './refusedCall.ts';
import { rawOf, sendRaw, type ClientTransport, type Manner, type RemoteTransport } from './transport.ts';
import { rpcCodes } from '../../mcp/names.ts';

/** The two ends of a relay, and what it goes by. */
export interface RelayOptions {
  readonly client: ClientTransport;
  readonly server: RemoteTransport;
  readonly url: URL;
  readonly log: Log;
  readonly tools: ReturnType<typeof createIgnoredTools>;
  /** What the person allows the server, and how they are asked for it. */
  readonly consent: Pick<Consent, 'decide'>;
  readonly questions: Questions;
  /**
   * Hears what became of a request, an error or an answer, before the client does.
   * @returns a promise where that is worth a look: whether somebody else answers the request
   */
  takenOver(request: Pick<Call, 'id' | 'method'>, refused: unknown): Promise<boolean> | undefined;
}

/** Passes messages between a client and a server of the same era, as they come. */
export async function startRelay(options: RelayOptions): Promise<void> {
  const { client, server, url, log, tools, consent, questions } = options;
  const calls = new OpenCalls<ClientCall>();
  let isNonsenseSaid = false;
  /**
   * Nothing may overtake `initialize`, whose answer names the session, or `initialized`: the server's own stream begins
   * with it.
   */
  let opening = Promise.resolve();
  server.onmessage = (content, info) => {
    fromServer(rawOf(content, info), info?.relatedRequestId);
  };
  server.onerror = nonsense;
  server.onlost = (id, why) => {
    const call = calls.get(id);
    if (call) fail(call, explainLost(why, url));
  };
  server.onrefused = (id, error) => {
    const call = calls.get(id);
    if (call) void refuse(call, error);
  };
  client.onmessage = (content, info) => {
    const message = rawOf(content, info);
    return mayOvertake(message) ? fromClient(message) : inTurn(message, info);
  };
  await server.start();
  await client.start();

  /** Whether the server may wait for that before it answers `initialize`, or the client gives a call up. */
  function mayOvertake({ content }: Message): boolean {
    const isCancel = 'method' in content && content.method === 'notifications/cancelled';
    return !hasMethod(content) || (isCancel && calls.has(content.params?.['requestId'] as RequestId));
  }

  function inTurn(message: Message, manner?: Manner): Promise<void> {
    const { content } = message;
    const turn = opening.then(() => fromClient(message, manner));
    if (isRequest(content) && content.method === 'initialize') {
      opening = turn.then(() => calls.until(() => !calls.has(content.id)));
    } else if ('method' in content && content.method === 'notifications/initialized') opening = turn;
    return turn;
  }

  /** Says so once: a server that goes on like that must not fill the log. */
  function nonsense(error: Error): void {
    const why = error.name === 'Error' ? error.message : String(error);
    log[isNonsenseSaid ? 'debug' : 'warn'](`The server sent something that is not a message: ${why}`);
    isNonsenseSaid = true;
  }

  /** Passes on what the server says. Never throws. */
  function fromServer(message: Message, by?: RequestId): void {
    const { content } = message;
    if (hasMethod(content)) {
      if ('id' in content && !isId(content.id)) nonsense(new Error('it asks without an id.'));
      else void sendRaw(client, message, { relatedRequestId: by });
      return;
    }
    const id = answers(content);
    const call = id === undefined ? undefined : calls.get(id);
    // Late, twice, or never asked for.
    if (!call) return;
    const takenOver = options.takenOver(call, content);
    if (takenOver) {
      void takenOver.then(isTaken => (isTaken ? void calls.delete(call.id) : answer(call, message)));
    } else answer(call, message);
  }

  function answer(call: ClientCall, message: Message): void {
    const { content } = message;
    if (calls.get(call.id) !== call) return;
    try {
      const made = wellFormed(content, call.id, url);
      const passed = made === content ? message : rewritten(message, made);
      void sendRaw(client, call.method === 'tools/list' && tools.any ? tools.without(passed) : passed);
      calls.delete(call.id);
    } catch (error) {
      // For example nesting without an end.
      log.debug(String(error));
      fail(call, noAnswer(url));
    }
  }

  /** Passes on what the client says. Never rejects. */
  async function fromClient(message: Message, manner?: Manner): Promise<void> {
    const { content } = message;
    try {
      if (isRequest(content)) await callServer(message, content, manner);
      else if ('method' in content && content.method === 'notifications/cancelled') {
        await cancel(message, content.params?.['requestId'] as RequestId);
      } else if ('method' in content || (answers(content) !== undefined && !questions.takes(content))) {
        await deliver(message);
      }
    } catch (error) {
      log.warn(explain(error, url));
    }
  }

  async function callServer(message: Message, content: JSONRPCRequest, manner?: Manner): Promise<void> {
    const { id, method, params } = content;
    const call = createClientCall(content, client, manner);
    calls.set(id, call);
    questions.note(content);
    const tool: unknown = params?.['name'];
    if (method === 'tools/call' && typeof tool === 'string' && tools.has(tool)) {
      fail(call, l10n.t('The tool {0} is turned off here.', tool));
      return;
    }
    const wanted = questions.original(message);
    for (;;) {
      try {
        await sendRaw(server, wanted, { call });
        return;
      } catch (error) {
        if (!(await isAllowed(call, wanted, error))) {
          await refuse(call, error);
          return;
        }
      }
    }
  }

  /** Whether the person allows what a call was refused for, and the call still waits. */
  async function isAllowed(call: ClientCall, message: Message, error: unknown): Promise<boolean> {
    const ask = (text: string) =>
      questions.ask(text, call, message, result => {
        calls.delete(call.id);
        void client.send(result);
      });
    // Before its `initialize` is answered a client takes no requests.
    if (call.unattended || call.method === 'initialize') return false;
    const isAllowedNow = await consent.decide(error, ask, () => call.waiting?.keep?.(waitingForAnswer()));
    call.waiting?.stop();
    return isAllowedNow && calls.get(call.id) === call;
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
    await sendRaw(server, message).catch((error: unknown) => {
      log.warn(explain(error, url));
    });
  }

  /** Says why the server did not take a call, unless it is answered elsewhere. Never rejects. */
  async function refuse(call: ClientCall, error: unknown): Promise<void> {
    if (calls.get(call.id) !== call) return;
    const isTaken = await options.takenOver(call, error);
    if (calls.get(call.id) !== call) return;
    if (isTaken) calls.delete(call.id);
    else end(call, refusedOf(call, error, url));
  }

  function fail(call: Call, message: string): void {
    end(call, { code: rpcCodes.implementation, message });
  }

  function end({ id }: Call, error: RpcError): void {
    calls.delete(id);
    void client.send({ jsonrpc: '2.0', id, error });
  }
}

/** Why the server did not take a call, and what it waited for. */
export function refusedOf({ id, explain: more }: ClientCall, error: unknown, url: URL): RpcError {
  const why = refusedCall(error, id, url);
  return why.code === rpcCodes.implementation ? { ...why, message: more(why.message) } : why;
}

/** What was made of an answer, its result as it came. */
function rewritten(message: Message, answer: JSONRPCResponse): Message {
  return 'result' in answer ? withResultOf(message, answer) : toMessage(answer);
}
