import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { RpcError } from '../../../mcp/answer.ts';
import { createClientCall } from '../clientCall.ts';
import { answers, isId, isRequest, type Message } from '../../../mcp/message.ts';
import { OpenCalls } from '../openCalls.ts';
import { refusedOf } from '../relay.ts';
import { sendRaw, type ClientTransport } from '../transport.ts';
import { eraOf, type Era } from './era.ts';
import type { Finder } from './finder.ts';
import { createPairings, type Asked, type Pairing, type PairingsOptions } from './pairings.ts';
import { createToldBefore } from './toldBefore.ts';
import { rpcCodes } from '../../../mcp/names.ts';

/** Longest request (characters) that is kept until it is answered: the server may turn out to be of the other era. */
const longestKept = 1024 * 1024;

/** The client, and what relays between it and the server. */
export interface DispatcherOptions extends Pick<PairingsOptions, 'url' | 'log' | 'relay'> {
  readonly client: Pick<ClientTransport, 'send'>;
  readonly finder: Finder;
}

/** A request of the client that has no answer yet. */
interface OpenRequest extends Pick<JSONRPCRequest, 'id' | 'method'> {
  /** Absent once it was passed on, where it is long or was refused before for being of the wrong era. */
  message?: Message;
  /** Who answers it; absent while the server's era is being found out. */
  pairing?: Pairing;
}

/** Brings each message of the client to a relay of the server's era, with a translator where that is not the client's. */
export function createDispatcher(options: DispatcherOptions) {
  const { client, url, finder } = options;
  const open = new OpenCalls<OpenRequest>();
  const pairings = createPairings({ ...options, toClient, takeOver, onMoved });
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
      if (answers(content) !== undefined) await pairingNow()?.pass(message);
    } else if ('id' in content) {
      say(content.id, { code: rpcCodes.invalidRequest, message: 'Invalid Request' });
    } else if (content.method === 'notifications/cancelled') {
      const id = content.params?.['requestId'] as RequestId;
      const its = open.get(id);
      open.delete(id);
      await its?.pairing?.pass(message);
    } else {
      await opening;
      told.remember(message);
      await pairingNow()?.pass(message);
    }
  }

  const pairingNow = () => pairings.current(spoken ?? 'legacy');

  async function fromCaller(message: Message, content: JSONRPCRequest): Promise<void> {
    const { id, method } = content;
    if (open.has(id)) {
      say(id, { code: rpcCodes.invalidRequest, message: l10n.t('Another call has that id.') });
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
    const pairing = pairings.current(era) ?? (await begin(its, message, era));
    // It may have been cancelled by now, or answered by what was asked for it.
    if (!pairing || open.get(id) !== its) return;
    its.pairing = pairing;
    if (message.text.length > longestKept) delete its.message;
    await pairing.pass(message);
  }

  /** Finds out with whom a client of that era has to do. @returns nothing where the request was answered instead */
  async function begin(its: OpenRequest, message: Message, era: Era): Promise<Pairing | undefined> {
    const call = createClientCall(message.content as JSONRPCRequest, client);
    try {
      const finding = await finder.find(era, call, message);
      // The client's own `server/discover` has been asked: what came of it is its answer.
      if (finding.question === message && open.get(its.id) === its) {
        if (finding.refused) answer(its, refusedOf(call, finding.refused, url));
        else if (finding.answer && open.delete(its.id)) void sendRaw(client, finding.answer);
      }
      return await pairings.begin(era, finding);
    } catch (error) {
      if (open.get(its.id) === its) answer(its, refusedOf(call, error, url));
      return undefined;
    } finally {
      call.waiting?.stop();
    }
  }

  function toClient(pairing: Pairing, message: Message): void {
    const id = answers(message.content);
    if (id !== undefined) {
      if (told.isSecondAnswer(id) || open.get(id)?.pairing !== pairing) return;
      open.delete(id);
    }
    void sendRaw(client, message);
  }

  /** Brings a request that was refused to the server as one of the other era, where it is. @returns whether it is */
  async function takeOver(pairing: Pairing, { id, method }: Asked): Promise<boolean> {
    const its = open.get(id);
    const next = await pairings.next(pairing);
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
    void next.pass(message);
    return true;
  }

  async function onMoved(next: Pairing): Promise<void> {
    if (next.client === 'legacy') await told.tell(next.pass, id => open.has(id));
  }

  function answer({ id }: OpenRequest, error: RpcError): void {
    open.delete(id);
    say(id, error);
  }

  /** Answers with an error; the id is `null` where there was none (JSON-RPC 2.0, section 5). */
  function say(id: unknown, error: RpcError): void {
    void client.send({ jsonrpc: '2.0', id: isId(id) ? id : null, error } as JSONRPCMessage);
  }

  return {
    fromClient,
    say,
    /** Waits until everything is answered that can be: a subscription ends with its client only. */
    answered: (): Promise<void> =>
      open.until(() => [...open.values()].every(({ method }) => method === 'subscriptions/listen')),
    /** Tells the server that the client is gone. */
    terminate: pairings.terminate,
  };
}
