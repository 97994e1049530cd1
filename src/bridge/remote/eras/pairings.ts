import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../../common/log.ts';
import type { RpcError } from '../../../mcp/answer.ts';
import { clientCall } from '../clientCall.ts';
import type { Client, ClientEnd } from '../clientEnd.ts';
import { answers, isId, isRequest, toMessage, type Message } from '../../../mcp/message.ts';
import { OpenCalls } from '../openCalls.ts';
import { refusedOf } from '../relay.ts';
import type { Call } from '../remote.ts';
import type { ServerEnd } from '../serverEnd.ts';
import { mayBeOtherEra } from './contradiction.ts';
import { eraOf, type Era } from './era.ts';
import type { Finder } from './finder.ts';
import type { Finding } from './probe.ts';
import { createToldBefore } from './toldBefore.ts';
import { translated } from './translators.ts';

/** How often a server may change its era under one client: behind some addresses there are servers of both. */
const mostPairings = 20;
/** Longest request (characters) that is kept until it is answered: the server may turn out to be of the other era. */
const longestKept = 1024 * 1024;

/** The client, and what relays between it and the server. */
export interface PairingsOptions {
  readonly client: Pick<ClientEnd, 'isFull' | 'send'>;
  readonly url: URL;
  readonly log: Log;
  readonly finder: Finder;
  /** Relays between a client and the server, both of that era. */
  relay(
    era: Era,
    client: ClientEnd,
    takenOver: (request: Pick<Call, 'id' | 'method'>, refused: unknown) => Promise<boolean> | undefined,
  ): ServerEnd;
}

/** A client of one era and the server as one of another, or of the same. */
interface Pairing {
  readonly client: Era;
  readonly server: Era;
  listener?: Client;
  end?: ServerEnd;
}

/** A request of the client that has no answer yet. */
interface OpenRequest extends Pick<JSONRPCRequest, 'id' | 'method'> {
  /** Absent once it was passed on, where it is long or was refused before for being of the wrong era. */
  message?: Message;
  /** Who answers it; absent while the server's era is being found out. */
  pairing?: Pairing;
}

/** Brings each message of the client to a relay of the server's era, with a translator where that is not the client's. */
export function createPairings(options: PairingsOptions) {
  const { client, url, log, finder } = options;
  const open = new OpenCalls<OpenRequest>();
  const all: Pairing[] = [];
  const current = new Map<Era, Pairing>();
  const beginnings = new Map<Era, Promise<Pairing>>();
  const moves = new Map<Era, Promise<Pairing | undefined>>();
  const told = createToldBefore();
  /** The era that the client has shown to be of. */
  let spoken: Era | undefined;
  /** Nothing of a legacy client may overtake its `initialize`, whose answer shows the server's era. */
  let opening = Promise.resolve();

  /** Hears a message of the client; resolves when the server has it. */
  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    if (isRequest(content)) {
      await fromCaller(message, content);
    } else if (!('method' in content)) {
      if (answers(content) !== undefined) await listenerNow()?.onMessage(message);
    } else if ('id' in content) {
      say(content.id, { code: -32_600, message: 'Invalid Request' });
    } else if (content.method === 'notifications/cancelled') {
      const id = content.params?.['requestId'] as RequestId;
      const its = open.get(id);
      open.delete(id);
      await its?.pairing?.listener?.onMessage(message);
    } else {
      await opening;
      told.remember(message);
      await listenerNow()?.onMessage(message);
    }
  }

  const listenerNow = () => current.get(spoken ?? 'legacy')?.listener;

  async function fromCaller(message: Message, content: JSONRPCRequest): Promise<void> {
    const { id, method } = content;
    if (open.has(id)) {
      say(id, { code: -32_600, message: l10n.t('Another call has that id.') });
      return;
    }
    const its: OpenRequest = { id, method, message };
    open.set(id, its);
    const era = eraOf(content) ?? spoken ?? 'legacy';
    spoken = era;
    if (era === 'modern') return pass(its, era);
    const turn = opening.then(() => pass(its, era));
    if (method === 'initialize') opening = turn.then(() => open.until(() => !open.has(id)));
    return turn;
  }

  async function pass(its: OpenRequest, era: Era): Promise<void> {
    const { id, message } = its;
    if (open.get(id) !== its || !message) return;
    if (era === 'legacy') told.remember(message);
    const pairing = current.get(era) ?? (await begin(its, message, era));
    // It may have been cancelled by now, or answered by what was asked for it.
    if (!pairing || open.get(id) !== its) return;
    its.pairing = pairing;
    if (message.text.length > longestKept) delete its.message;
    await pairing.listener?.onMessage(message);
  }

  /** Finds out with whom a client of that era has to do. @returns nothing where the request was answered instead */
  async function begin(its: OpenRequest, message: Message, era: Era): Promise<Pairing | undefined> {
    const call = clientCall(message.content as JSONRPCRequest, client);
    try {
      const finding = await finder.find(era, call, message);
      // The client's own `server/discover` has been asked: what came of it is its answer.
      if (finding.question === message && open.get(its.id) === its) {
        if (finding.refused) answer(its, refusedOf(call, finding.refused, url));
        else if (finding.answer && open.delete(its.id)) client.send(finding.answer);
      }
      return current.get(era) ?? (await pairOnce(era, finding));
    } catch (error) {
      if (open.get(its.id) === its) answer(its, refusedOf(call, error, url));
      return undefined;
    } finally {
      call.waiting?.stop();
    }
  }

  function pairOnce(era: Era, finding: Finding): Promise<Pairing> {
    const pending = beginnings.get(era) ?? pair(era, finding).finally(() => beginnings.delete(era));
    beginnings.set(era, pending);
    return pending;
  }

  async function pair(era: Era, finding: Finding): Promise<Pairing> {
    const pairing: Pairing = { client: era, server: finding.era };
    const end: ClientEnd = {
      listen(listener) {
        pairing.listener = listener;
      },
      isFull: client.isFull,
      send: message => {
        toClient(pairing, message);
      },
    };
    const inner = era === finding.era ? end : await translated(era, end, { ...finding, url, log });
    pairing.end = options.relay(finding.era, inner, (call, refused) =>
      mayBeOtherEra(pairing.server, call, refused) ? takeOver(pairing, call) : undefined,
    );
    all.push(pairing);
    current.set(era, pairing);
    return pairing;
  }

  function toClient(pairing: Pairing, message: Message): void {
    const id = answers(message.content);
    if (id !== undefined) {
      if (told.isSecondAnswer(id) || open.get(id)?.pairing !== pairing) return;
      open.delete(id);
    }
    client.send(message);
  }

  /** Brings a request that was refused to the server as one of the other era, where it is. @returns whether it is */
  async function takeOver(pairing: Pairing, { id, method }: Pick<Call, 'id' | 'method'>): Promise<boolean> {
    const its = open.get(id);
    const next = await nextOf(pairing);
    if (!next || next === pairing) return false;
    // For the `initialize` of a translator all requests wait: none of them can have run.
    const waiting = its || method !== 'initialize' ? [its] : [...open.values()];
    return waiting.filter(each => each && moveTo(next, pairing, each)).length > 0;
  }

  function moveTo(next: Pairing, from: Pairing, its: OpenRequest): boolean {
    const { id, message } = its;
    if (open.get(id) !== its || its.pairing !== from || !message) return false;
    delete its.message;
    its.pairing = next;
    void next.listener?.onMessage(message);
    return true;
  }

  function nextOf(pairing: Pairing): Promise<Pairing | undefined> {
    const { client: era } = pairing;
    const now = current.get(era);
    if (now && now !== pairing) return Promise.resolve(now);
    const move = moves.get(era) ?? moveFrom(pairing).finally(() => moves.delete(era));
    moves.set(era, move);
    return move;
  }

  async function moveFrom({ client: era, server }: Pairing): Promise<Pairing | undefined> {
    const finding = all.length < mostPairings ? await finder.verify(era, server) : undefined;
    if (!finding) return undefined;
    log.info(`${url.origin} speaks another revision of MCP than before.`);
    const next = await pair(era, finding);
    if (next.listener && era === 'legacy') await told.tell(next.listener, id => open.has(id));
    return next;
  }

  function answer({ id }: OpenRequest, error: RpcError): void {
    open.delete(id);
    say(id, error);
  }

  /** Answers with an error; the id is `null` where there was none (JSON-RPC 2.0, section 5). */
  function say(id: unknown, error: RpcError): void {
    client.send(toMessage({ jsonrpc: '2.0', id: isId(id) ? id : null, error } as JSONRPCMessage));
  }

  return {
    fromClient,
    say,
    /** Waits until everything is answered that can be: a subscription ends with its client only. */
    answered: (): Promise<void> =>
      open.until(() => [...open.values()].every(({ method }) => method === 'subscriptions/listen')),
    /** Tells the server that the client is gone. */
    async terminate(): Promise<void> {
      await Promise.all(all.map(async ({ end }) => end?.terminate().catch(() => undefined)));
    },
  };
}
