import { setTimeout as delay } from 'node:timers/promises';
import type { JSONRPCErrorResponse, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { clientGone } from '../clientGone.ts';
import { authorizedRequest, type AuthorizedRequestOptions } from './authorizedRequest.ts';
import { clientCall, type ClientCall } from './clientCall.ts';
import { explain } from './explain.ts';
import { ignoredTools } from './ignoredTools.ts';
import { answers, isRequest, parseMessages, toMessage, type Message } from './message.ts';
import { RemoteError } from './refusal.ts';
import type { Call } from './remote.ts';
import { createSession, type SessionOptions } from './session.ts';
import { stdioMessages } from './stdioMessages.ts';

export interface ConnectOptions extends AuthorizedRequestOptions, Pick<SessionOptions, 'transport' | 'log'> {
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
}

/** How long (ms) the server may take to hear that the client is gone. */
const farewellLimit = 2_000;

/**
 * Passes every message between a client on stdio and a remote server, as it came, each request with a token
 * that is good now. Ends when the client goes away.
 */
export async function connect(options: ConnectOptions): Promise<void> {
  const { url, transport, log } = options;
  const tools = ignoredTools(options.ignoreTools);
  const calls = new Map<RequestId, ClientCall>();
  /** Nothing may overtake `initialized`: the server's own stream begins with it. */
  let opening = Promise.resolve();
  const session = createSession({
    url,
    transport,
    log,
    request: await authorizedRequest(options),
    onMessage: fromServer,
    onAnswerLost(id, why) {
      const call = calls.get(id);
      if (call) fail(call, why);
    },
  });

  const over = clientGone();
  stdioMessages.listen(
    message => {
      const { content } = message;
      const isStart = 'method' in content && content.method === 'notifications/initialized';
      if (isStart) opening = fromClient(message);
      else void opening.then(() => fromClient(message));
    },
    error => {
      log.warn(`The client sent what is no message: ${String(error)}`);
    },
  );
  await over;
  await Promise.race([session.terminate().catch(() => undefined), delay(farewellLimit)]);

  function fromServer(message: Message): void {
    const { content } = message;
    const id = answers(content);
    const call = id === undefined ? undefined : calls.get(id);
    if (call) calls.delete(call.id);
    if (call?.method === 'tools/list' && tools.any && 'result' in content)
      stdioMessages.send(toMessage({ ...content, result: tools.without(content.result) }));
    else stdioMessages.send(message);
  }

  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    if (isRequest(content)) await callServer(message, content);
    else if ('method' in content && content.method === 'notifications/cancelled')
      await cancel(message, content.params?.['requestId'] as RequestId);
    else await deliver(message);
  }

  async function callServer(message: Message, content: JSONRPCRequest): Promise<void> {
    const { id, method, params } = content;
    const call = clientCall(content);
    calls.set(id, call);
    const tool = String(params?.['name']);
    if (method === 'tools/call' && tools.has(tool)) {
      fail(call, l10n.t('The tool {0} is turned off here.', tool));
      return;
    }
    try {
      await (method === 'initialize' ? session.begin(message, call) : session.deliver(message, call));
    } catch (error) {
      if (calls.get(id) === call) refuse(call, error);
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

  /** Answers a call with why the server did not take it. */
  function refuse(call: ClientCall, error: unknown): void {
    const said = error instanceof RemoteError ? errorIn(error) : undefined;
    if (said) end(call, said);
    else fail(call, call.explain(explain(error, url)));
  }

  function fail(call: Call, message: string): void {
    end(call, { code: -32_000, message });
  }

  function end({ id }: Call, error: JSONRPCErrorResponse['error']): void {
    calls.delete(id);
    stdioMessages.send(toMessage({ jsonrpc: '2.0', id, error }));
  }
}

/** The error that the server itself put into its refusal. */
function errorIn({ status, body }: RemoteError): JSONRPCErrorResponse['error'] | undefined {
  if (status === 401 || status === 403) return undefined;
  try {
    const content = parseMessages(body)[0]?.content;
    return content && 'error' in content ? content.error : undefined;
  } catch {
    return undefined;
  }
}
