import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  JSONRPCErrorResponse,
  JSONRPCMessage,
  JSONRPCRequest,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { detachable, type Detachable } from '../../auth/detachable.ts';
import type { Log } from '../../auth/log.ts';
import type { TokenSource } from '../../auth/tokenSource.ts';
import { clientGone } from '../clientGone.ts';
import { createClientMemory } from '../clientMemory.ts';
import { authorizedRequest } from './authorizedRequest.ts';
import { clientCall, type ClientCall } from './clientCall.ts';
import { explain, explainLost } from './explain.ts';
import { ignoredTools } from './ignoredTools.ts';
import { answers, isRequest, parseMessages, toMessage, type Message } from './message.ts';
import { isSessionUnknown, RemoteError, type Call, type Remote } from './remote.ts';
import { stdioMessages } from './stdioMessages.ts';
import {
  isOtherTransport,
  loadTransport,
  transportsOf,
  type TransportName,
  type TransportStrategy,
} from './transports.ts';

export interface ConnectOptions {
  readonly url: URL;
  readonly tokenSource: TokenSource;
  /** Headers of the person's own, for that origin only. */
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: TransportStrategy;
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
  readonly log: Log;
}

/** For whom something is sent. */
type Need = Pick<Call, 'waiting' | 'unattended'>;

/** Waits (ms) between tries to reach a server that is away, as while it restarts. */
const backOff = [250, 500, 1_000, 2_000, 4_000];
const awayCodes = new Set(['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** How long (ms) the server may take to hear that the client is gone. */
const farewellLimit = 2_000;

/**
 * Passes every message between a client on stdio and a remote server, as it came, each request with a token
 * that is good now. When the server has restarted or forgotten the session, it is told anew what the client
 * told it. Ends when the client goes away.
 */
export async function connect(options: ConnectOptions): Promise<void> {
  const { url, log } = options;
  const request = await authorizedRequest(options);
  const tools = ignoredTools(options.ignoreTools);
  const calls = new Map<RequestId, ClientCall>();
  /** Our own requests to the server. */
  const own = new Map<RequestId, PromiseWithResolvers<JSONRPCMessage>>();
  const told = createClientMemory();
  let transport: TransportName | undefined;
  let remote: Remote | undefined;
  let begun = false;
  /** New sessions that are being begun: for whoever waits, and where nobody does. */
  const reopenings = new Map<'attended' | 'unattended', Detachable<void>>();
  /** Nothing may overtake `initialized`: the server's own stream begins with it. */
  let opening = Promise.resolve();

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
  await Promise.race([remote?.terminate().catch(() => undefined), delay(farewellLimit)]);

  async function open(name: TransportName): Promise<Remote> {
    const begin = await loadTransport(name);
    const opened: Remote = begin({
      url,
      request,
      log,
      onMessage: fromServer,
      onAnswerLost(id, why) {
        const call = calls.get(id);
        if (call) fail(call, explainLost(why, url));
        own.get(id)?.reject(new Error(explainLost(why, url)));
        own.delete(id);
      },
      onSessionLost() {
        if (opened !== remote) return;
        begun = false;
        void reopen({ unattended: true }).catch(lost);
      },
    });
    return (remote = opened);
  }

  function fromServer(message: Message): void {
    const id = answers(message.content);
    if (id === undefined) {
      stdioMessages.send(message);
      return;
    }
    const ours = own.get(id);
    const call = calls.get(id);
    own.delete(id);
    calls.delete(id);
    if (ours) ours.resolve(message.content);
    else stdioMessages.send(call ? answer(call, message) : message);
  }

  function answer({ method }: Call, message: Message): Message {
    const { content } = message;
    if (!('result' in content)) return message;
    if (method === 'initialize') agree(content);
    if (method !== 'tools/list' || !tools.any) return message;
    return toMessage({ ...content, result: tools.without(content.result) });
  }

  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    told.remember(content);
    if (isRequest(content)) await callServer(message, content);
    else if ('method' in content && content.method === 'notifications/cancelled')
      await cancel(message, content.params?.['requestId'] as RequestId);
    else await deliver(message).catch(lost);
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
      await (method === 'initialize' ? begin(message, call) : deliver(message, call));
    } catch (error) {
      if (calls.get(id) === call) refuse(call, error);
    }
  }

  async function cancel(message: Message, id: RequestId): Promise<void> {
    const call = calls.get(id);
    calls.delete(id);
    call?.stopWaiting();
    // A server that never got the call has nothing to cancel.
    if (call?.sent) await deliver(message).catch(lost);
    call?.abandon();
  }

  /** Begins the session, by the first transport that the server speaks. */
  async function begin(message: Message, call: Call): Promise<void> {
    let refused: unknown;
    for (const name of transport ? [transport] : transportsOf[options.transport]) {
      remote?.close();
      const opened = await open(name);
      try {
        await reach(opened, message, call);
        transport = name;
        begun = true;
        return;
      } catch (error) {
        if (!isOtherTransport(error)) throw error;
        if (refused === undefined || name === 'http') refused = error;
      }
    }
    throw refused;
  }

  /** Sends a message, in a new session where the server has forgotten the one there was. */
  async function deliver(message: Message, call?: Call): Promise<void> {
    for (let again = false; ; again = true) {
      if (!begun) await reopen(call);
      const used = remote;
      try {
        await reach(used, message, call);
        return;
      } catch (error) {
        if (again || !isSessionUnknown(error)) throw error;
        // Another message may have found out before.
        if (used === remote) begun = false;
      }
    }
  }

  /** Sends a message in that session, again while the server is away. */
  async function reach(to: Remote | undefined, message: Message, call?: Call): Promise<void> {
    for (const wait of [...backOff, undefined]) {
      try {
        await to?.send(message, call);
        return;
      } catch (error) {
        if (wait === undefined || !isAway(error)) throw error;
        log.debug(`${url.origin} is away (${String(error)}); trying again.`);
        await delay(wait, undefined, call?.waiting?.signal && { signal: call.waiting.signal });
      }
    }
  }

  /** Begins a new session, one for all who need it; it goes on without a caller who stops waiting. */
  async function reopen({ waiting, unattended }: Need = {}): Promise<void> {
    const name = unattended && !reopenings.has('attended') ? 'unattended' : 'attended';
    try {
      await detachable(reopenings, name, waiting ?? {}, async onProgress => {
        if (name === 'unattended') return beginAgain({ unattended: true });
        // Where nobody waits no token is renewed: what failed there may succeed here.
        await reopenings.get('unattended')?.result.catch(() => undefined);
        if (!begun) await beginAgain({ waiting: { onProgress, stop: () => undefined } });
      });
    } finally {
      waiting?.stop();
    }
  }

  /** Begins a new session with what the client said in the one before. */
  async function beginAgain({ waiting, unattended }: Need): Promise<void> {
    if (!transport) throw new Error(l10n.t('The session with {0} has not begun.', url.origin));
    log.info(`${url.origin} has forgotten the session; a new one is begun.`);
    begun = false;
    remote?.close();
    const opened = await open(transport);
    const need = { ...(waiting && { waiting }), ...(unattended && { unattended }) };
    for (const content of told.messages()) {
      const { method } = content;
      const id = randomUUID();
      const call: Call = { ...need, id, method, ended: new AbortController().signal, sent: false };
      if (!('id' in content)) await reach(opened, toMessage(content), call);
      else if (method === 'initialize') agree(await ask(opened, toMessage({ ...content, id }), call));
      else await ask(opened, toMessage({ ...content, id }), call);
    }
    begun = true;
  }

  async function ask(to: Remote, message: Message, call: Call): Promise<JSONRPCMessage> {
    const answered = Promise.withResolvers<JSONRPCMessage>();
    answered.promise.catch(() => undefined);
    own.set(call.id, answered);
    await reach(to, message, call);
    return answered.promise;
  }

  function agree(answer: JSONRPCMessage): void {
    if (!('result' in answer))
      throw new Error(l10n.t('{0} refused a new session. Start the server anew in its client.', url.origin));
    remote?.setVersion(String(answer.result['protocolVersion']));
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

  function lost(error: unknown): void {
    log.warn(explain(error, url));
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

/** Whether the server cannot have heard of the request, but may be there in a moment. */
function isAway(error: unknown): boolean {
  if (error instanceof RemoteError) return error.status === 503;
  return error instanceof Error && 'code' in error && awayCodes.has(String(error.code));
}
