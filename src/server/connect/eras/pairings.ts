import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../../auth/log.ts';
import { createMemoryOf } from '../../clientMemory.ts';
import type { RpcError } from '../answer.ts';
import { clientCall } from '../clientCall.ts';
import type { Client, ClientEnd } from '../clientEnd.ts';
import { answers, isId, isRequest, toMessage, withId, type Message } from '../message.ts';
import { OpenCalls } from '../openCalls.ts';
import { refusedOf } from '../relay.ts';
import type { Call } from '../remote.ts';
import type { ServerEnd } from '../serverEnd.ts';
import { mayBeOtherEra } from './contradiction.ts';
import { eraOf, type Era } from './era.ts';
import type { Finder } from './finder.ts';
import type { Finding } from './probe.ts';
import { translated } from './translators.ts';

/** How often a server may change its era under one client: behind some addresses there are servers of both. */
const mostPairings = 20;

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
interface OpenRequest {
  readonly content: JSONRPCRequest;
  readonly message: Message;
  /** Who answers it; absent while the server's era is being found out. */
  pairing?: Pairing;
  /** Whether it was refused once, for being of the wrong era. */
  isMoved?: boolean;
}

/** Brings each message of the client to a relay of the server's era, with a translator where that is not the client's. */
export function createPairings(options: PairingsOptions) {
  const { client, url, log, finder } = options;
  const open = new OpenCalls<OpenRequest>();
  const all: Pairing[] = [];
  const current = new Map<Era, Pairing>();
  /** The era that the client has shown to be of. */
  let spoken: Era | undefined;
  /** Nothing of a legacy client may overtake its `initialize`, whose answer shows the server's era. */
  let opening = Promise.resolve();
  const told = createMemoryOf(({ content }: Message) => content);
  /** Requests that were told to another server already; their second answers are of no use. */
  const retold = new Set<RequestId>();
  const beginnings = new Map<Era, Promise<Pairing>>();
  const moving = new Map<Era, Promise<Pairing | undefined>>();

  /** Hears a message of the client; resolves when the server has it. */
  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    if (isRequest(content)) {
      await fromCaller({ content, message });
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

  async function fromCaller(its: OpenRequest): Promise<void> {
    const { id, method } = its.content;
    if (open.has(id)) {
      say(id, { code: -32_600, message: l10n.t('Another call has that id.') });
      return;
    }
    open.set(id, its);
    const era = eraOf(its.content) ?? spoken ?? 'legacy';
    spoken = era;
    if (era === 'modern') return pass(its, era);
    const turn = opening.then(() => pass(its, era));
    if (method === 'initialize') opening = turn.then(() => open.until(() => !open.has(id)));
    return turn;
  }

  async function pass(its: OpenRequest, era: Era): Promise<void> {
    const { content, message } = its;
    if (open.get(content.id) !== its) return;
    if (era === 'legacy') told.remember(message);
    const pairing = current.get(era) ?? (await begin(its, era));
    // It may have been cancelled meanwhile, or answered by what was asked for it.
    if (!pairing || open.get(content.id) !== its) return;
    its.pairing = pairing;
    await pairing.listener?.onMessage(message);
  }

  /** Finds out with whom a client of that era has to do. @returns nothing where the request was answered instead */
  async function begin(its: OpenRequest, era: Era): Promise<Pairing | undefined> {
    const call = clientCall(its.content, client);
    try {
      const finding = await finder.find(era, call, its.message);
      if (finding.question === its.message) answerWith(its, finding);
      return current.get(era) ?? (await pairOnce(era, finding));
    } catch (error) {
      answer(its, refusedOf(call, error, url));
      return undefined;
    } finally {
      call.waiting?.stop();
    }
  }

  /** The client's own `server/discover` has been asked: what came of it is its answer. */
  function answerWith(its: OpenRequest, { answer: found, refused }: Finding): void {
    const { id } = its.content;
    if (open.get(id) !== its) return;
    if (refused) answer(its, refusedOf(clientCall(its.content, client), refused, url));
    if (!found) return;
    open.delete(id);
    client.send(found);
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
      if (retold.delete(id) || open.get(id)?.pairing !== pairing) return;
      open.delete(id);
    }
    client.send(message);
  }

  /** Brings a request that was refused to the server as one of the other era, where it is. @returns whether it is */
  async function takeOver(pairing: Pairing, { id }: Pick<Call, 'id'>): Promise<boolean> {
    const next = await nextOf(pairing);
    if (!next || next === pairing) return false;
    const its = open.get(id);
    // What a translator asks by itself, the client's requests wait for.
    const concerned = its ? [its] : [...open.values()].filter(each => each.pairing === pairing);
    const moved = concerned.filter(each => !each.isMoved);
    for (const each of moved) {
      each.isMoved = true;
      each.pairing = next;
      void next.listener?.onMessage(each.message);
    }
    return moved.length > 0;
  }

  function nextOf(pairing: Pairing): Promise<Pairing | undefined> {
    const { client: era } = pairing;
    const now = current.get(era);
    if (now && now !== pairing) return Promise.resolve(now);
    const move = moving.get(era) ?? moveFrom(pairing).finally(() => moving.delete(era));
    moving.set(era, move);
    return move;
  }

  async function moveFrom({ client: era, server }: Pairing): Promise<Pairing | undefined> {
    const finding = all.length < mostPairings ? await finder.verify(era, server) : undefined;
    if (!finding) return undefined;
    log.info(`${url.origin} speaks another revision of MCP than before.`);
    const next = await pair(era, finding);
    for (const message of told.messages()) await retell(message, next);
    return next;
  }

  /** Tells another server what a legacy client said before. */
  async function retell(message: Message, { listener }: Pairing): Promise<void> {
    const { content } = message;
    if (!isRequest(content)) {
      await listener?.onMessage(message);
    } else if (!open.has(content.id)) {
      const id = randomUUID();
      retold.add(id);
      await listener?.onMessage(withId(message, id));
    }
  }

  function answer({ content: { id } }: OpenRequest, error: RpcError): void {
    if (open.delete(id)) say(id, error);
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
      open.until(() => [...open.values()].every(({ content }) => content.method === 'subscriptions/listen')),
    /** Tells the server that the client is gone. */
    async terminate(): Promise<void> {
      await Promise.all(all.map(({ end }) => end?.terminate().catch(() => undefined)));
    },
  };
}
