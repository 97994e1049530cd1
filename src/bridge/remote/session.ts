import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { detachable, type Detachable } from '../../sessions/detachable.ts';
import { createClientMemory } from '../../mcp/clientMemory.ts';
import { agreement } from '../../mcp/answer.ts';
import { isModernRefusal, NoNewSessionError } from './eras/contradiction.ts';
import { explain, explainLost } from './explain.ts';
import { createKeptCalls } from './keptCalls.ts';
import { createLosses } from './losses.ts';
import { answers, hasMethod, toMessage, type Message } from '../../mcp/message.ts';
import { createOwnRequests } from './ownRequests.ts';
import type { Call, Remote } from './remote.ts';
import type { ServerEnd, ServerEndOptions } from './serverEnd.ts';
import { isSessionUnknown } from './sessionGone.ts';
import {
  isOtherTransport,
  loadTransport,
  transportsOf,
  type TransportName,
  type TransportStrategy,
} from './transports.ts';
import { whileAway } from './whileAway.ts';

/** A server of the 2025 era, and the transports to try. */
export interface SessionOptions extends ServerEndOptions {
  readonly transport: TransportStrategy;
}

/** For whom something is sent. */
type Need = Pick<Call, 'waiting' | 'unattended'>;

/**
 * Keeps a session with the remote server. When the server has restarted or forgotten it, a new one is begun and told
 * what the client told the one before.
 */
export function createSession(options: SessionOptions): ServerEnd {
  const { url, log } = options;
  const own = createOwnRequests();
  const told = createClientMemory();
  let initializing: RequestId | undefined;
  let transport: TransportName | undefined;
  let remote: Remote | undefined;
  let begun = false;
  /** The last one that its server has ended or forgotten. */
  let lost: Remote | undefined;
  let openedAt = 0;
  const losses = createLosses();
  const kept = createKeptCalls();
  /** New sessions that are being begun: for whoever waits, and where nobody does. */
  const reopenings = new Map<'attended' | 'unattended', Detachable<void>>();

  async function open(name: TransportName): Promise<Remote> {
    const beginBy = await loadTransport(name);
    const opened: Remote = beginBy({
      ...options,
      onMessage: fromServer,
      onAnswerLost(id, cause) {
        kept.forget(id);
        const why = explainLost(cause, url);
        if (!own.lose(id, why)) options.onAnswerLost(id, why);
      },
      onSessionLost() {
        if (opened !== remote) return;
        begun = false;
        lost = opened;
        const wait = losses.note(Date.now() - openedAt);
        if (wait === undefined) log.debug('Each session is lost at once; the next call begins another one.');
        else void reopenAfter(wait);
      },
    });
    openedAt = Date.now();
    return (remote = opened);
  }

  async function reopenAfter(wait: number): Promise<void> {
    try {
      await delay(wait, undefined, { ref: false });
      if (!begun) await reopen({ unattended: true });
    } catch (error) {
      log.warn(explain(error, url));
    }
  }

  function fromServer(message: Message, by?: RequestId): void {
    const { content } = message;
    const id = answers(content);
    if (id === undefined && !hasMethod(content)) {
      options.onNonsense('it has neither a method nor an id.');
      return;
    }
    if (own.answer(id, content)) return;
    if (id !== undefined && id === initializing) {
      initializing = undefined;
      agree(content);
    }
    // By that transport one stream carries everything: this may belong to any call.
    if (id === undefined && transport === 'sse') kept.markBegun();
    if (id !== undefined && sentAgain(id, content)) return;
    options.onMessage(message, by);
  }

  /** Sends a call in a new session where its answer is that there is none, and nothing has run. @returns whether */
  function sentAgain(id: RequestId, answer: JSONRPCMessage): boolean {
    const again = kept.take(id, answer);
    if (!again) return false;
    const { message, call, used } = again;
    if (used === remote) begun = false;
    deliver(message, call, true).catch((error: unknown) => {
      options.onRefused(id, error);
    });
    return true;
  }

  async function begin(message: Message, call: Call): Promise<void> {
    initializing = call.id;
    told.remember(message.content);
    let refused: unknown;
    for (const name of transport ? [transport] : transportsOf[options.transport]) {
      remote?.close();
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
      if (!begun && (initializing === undefined || hasMethod(message.content))) await reopen(call);
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
  async function reach(to: Remote | undefined, message: Message, call?: Call): Promise<void> {
    await whileAway(async () => to?.send(message, call), { url, log, signal: call?.waiting?.signal });
  }

  /** Begins a new session, one for all who need it; it goes on without a caller who stops waiting. */
  async function reopen({ waiting, unattended }: Need = {}): Promise<void> {
    const name = unattended && !reopenings.has('attended') ? 'unattended' : 'attended';
    try {
      await detachable(reopenings, name, waiting ?? {}, async onProgress => {
        if (name === 'unattended') return begun ? undefined : beginAgain({ unattended: true });
        // Where nobody waits no token is renewed: what failed there may succeed here.
        await reopenings.get('unattended')?.result.catch(() => undefined);
        if (!begun) await beginAgain({ waiting: { onProgress, stop: () => undefined } });
      });
    } finally {
      waiting?.stop();
    }
  }

  async function beginAgain(need: Need): Promise<void> {
    if (!transport) throw new Error(l10n.t('The session with {0} has not begun.', url.origin));
    log.info(`${url.origin} has forgotten the session; a new one is begun.`);
    begun = false;
    remote?.close();
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
      const answer = await own.ask(call.id, () => reach(opened, again, call));
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
    if (agreed?.version !== undefined) remote?.setVersion(agreed.version);
    return agreed !== undefined;
  }

  return {
    begin,
    deliver: (message, call) => deliver(message, call),
    terminate: () => remote?.terminate() ?? Promise.resolve(),
  };
}
