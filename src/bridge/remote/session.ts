import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { createClientMemory } from '../../mcp/clientMemory.ts';
import { agreement } from '../../mcp/answer.ts';
import type { Call } from './call.ts';
import { isModernRefusal, NoNewSessionError } from './eras/contradiction.ts';
import { explainLost } from './explain.ts';
import { createKeptCalls } from './keptCalls.ts';
import { answers, hasMethod, toMessage, type Message } from '../../mcp/message.ts';
import { isOtherTransport } from './otherTransport.ts';
import { createBridgeRequests } from '../bridgeRequests.ts';
import { createReopening, type Need } from './reopening.ts';
import { isSessionUnknown } from './sessionGone.ts';
import { callOf, rawOf, receiveRaw, sendRaw, type RemoteOptions, type RemoteTransport } from './transport.ts';
import {
  loadTransport,
  transportsOf,
  type TransportName,
  type TransportStrategy,
} from './transportStrategy.ts';
import { whileAway } from './whileAway.ts';

/** The server, and the transports that are tried. */
export interface SessionOptions extends RemoteOptions {
  readonly transport: TransportStrategy;
}

/**
 * Keeps a session with the remote server. When the server has restarted or forgotten it, a new one is begun and told
 * what the client told the one before.
 */
export function createSession(options: SessionOptions): RemoteTransport {
  const { url, log, limits } = options;
  const requests = createBridgeRequests();
  const told = createClientMemory();
  let initializing: RequestId | undefined;
  let transport: TransportName | undefined;
  let remote: RemoteTransport | undefined;
  let begun = false;
  /** The last one that its server has ended or forgotten. */
  let lost: RemoteTransport | undefined;
  let openedAt = 0;
  const kept = createKeptCalls();
  const reopening = createReopening({ url, log, isBegun: () => begun, beginAgain });

  async function open(name: TransportName): Promise<RemoteTransport> {
    const create = await loadTransport(name);
    const opened = create(options);
    opened.onmessage = (content, info) => {
      fromServer(rawOf(content, info), info?.relatedRequestId);
    };
    opened.onerror = error => session.onerror?.(error);
    opened.onlost = (id, why) => {
      kept.forget(id);
      if (!requests.lose(id, explainLost(why, url))) session.onlost?.(id, why);
    };
    opened.onclose = () => {
      if (opened !== remote) return;
      begun = false;
      lost = opened;
      reopening.noteLoss(Date.now() - openedAt);
    };
    await opened.start();
    openedAt = Date.now();
    return (remote = opened);
  }

  async function close(): Promise<void> {
    // That is no loss.
    if (remote) remote.onclose = undefined;
    await remote?.close();
  }

  function fromServer(message: Message, by?: RequestId): void {
    const { content } = message;
    const id = answers(content);
    if (id === undefined && !hasMethod(content)) {
      session.onerror?.(new Error('it has neither a method nor an id.'));
      return;
    }
    if (requests.answer(id, content)) return;
    if (id !== undefined && id === initializing) {
      initializing = undefined;
      agree(content);
    }
    // By that transport one stream carries everything: this may belong to any call.
    if (id === undefined && transport === 'sse') kept.markBegun();
    if (id !== undefined && sentAgain(id, content)) return;
    receiveRaw(session, message, { relatedRequestId: by });
  }

  /** Sends a call in a new session where its answer is that there is none, and nothing has run. @returns whether */
  function sentAgain(id: RequestId, answer: JSONRPCMessage): boolean {
    const again = kept.take(id, answer);
    if (!again) return false;
    const { message, call, used } = again;
    if (used === remote) begun = false;
    deliver(message, call, true).catch((error: unknown) => session.onrefused?.(id, error));
    return true;
  }

  async function begin(message: Message, call: Call): Promise<void> {
    initializing = call.id;
    told.remember(message.content);
    let refused: unknown;
    for (const name of transport ? [transport] : transportsOf[options.transport]) {
      void close();
      const opened = await open(name);
      try {
        await reach(opened, message, call);
        transport = name;
        begun = opened !== lost;
        return;
      } catch (error) {
        if (isModernRefusal(error)) throw error;
        // What the first one met says more than how the second one failed.
        if (!isOtherTransport(error) && refused === undefined) throw error;
        if (refused === undefined || name === 'http') refused = error;
      }
    }
    throw refused;
  }

  async function deliver(message: Message, call?: Call, isSecond = false): Promise<void> {
    told.remember(message.content);
    for (let again = isSecond; ; again = true) {
      // A server may ask for a ping before it answers `initialize`.
      if (!begun && (initializing === undefined || hasMethod(message.content))) await reopening.reopen(call);
      const used = remote;
      if (call && !again) kept.keep({ message, call, used });
      try {
        await reach(used, message, call);
        return;
      } catch (error) {
        if (call) kept.forget(call.id);
        if (again || !isSessionUnknown(error)) throw error;
        // Another message may have found out before.
        if (used === remote) begun = false;
      }
    }
  }

  /** Sends a message in that session, again while the server is away. */
  async function reach(to: RemoteTransport | undefined, message: Message, call?: Call): Promise<void> {
    const signal = call?.waiting?.signal;
    await whileAway(async () => to && sendRaw(to, message, { call }), { url, log, limits, signal });
  }

  async function beginAgain(need: Need): Promise<void> {
    if (!transport) throw new Error(l10n.t('The session with {0} has not begun.', url.origin));
    log.info(`${url.origin} has forgotten the session; a new one is begun.`);
    begun = false;
    void close();
    const opened = await open(transport);
    for (const content of told.messages()) {
      const { method } = content;
      const id = randomUUID();
      const call: Call = { ...need, id, method, ended: new AbortController().signal, sent: false };
      if (!('id' in content)) {
        await reach(opened, toMessage(content), call);
        continue;
      }
      const again = toMessage({ ...content, id });
      const answer = await requests.ask(call.id, () => reach(opened, again, call));
      if (method === 'initialize' && !agree(answer)) {
        throw new NoNewSessionError(
          l10n.t('{0} refused a new session. Restart the server in its client.', url.origin),
        );
      }
    }
    begun = opened !== lost;
  }

  /** Takes the version of the protocol that the server answered `initialize` with. @returns whether it agreed to any */
  function agree(answer: JSONRPCMessage): boolean {
    const agreed = agreement(answer);
    if (agreed?.version !== undefined) remote?.setProtocolVersion?.(agreed.version);
    return agreed !== undefined;
  }

  const session: RemoteTransport = {
    start: () => Promise.resolve(),
    send(content, given) {
      const message = rawOf(content, given);
      const call = callOf(content, given);
      return call?.method === 'initialize' ? begin(message, call) : deliver(message, call);
    },
    get sessionId() {
      return remote?.sessionId;
    },
    terminateSession: () => remote?.terminateSession() ?? Promise.resolve(),
    async close() {
      await close();
      session.onclose?.();
    },
  };
  return session;
}
