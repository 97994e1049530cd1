import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import type { RpcError } from '../../../../mcp/answer.ts';
import { isObject } from '../../../../common/isObject.ts';
import { answers, withId, type Message } from '../../../../mcp/message.ts';
import { inputRequest, missingCapability, missingCapabilityError } from '../capabilities.ts';
import { declined, notBack, refusal, tooMuch, unknownState } from './modernErrors.ts';
import { canAsk, digestOf, createHeldCall, inputRequired, withoutEra, type HeldCall } from './heldCall.ts';
import {
  errorAnswer,
  json,
  jsonId,
  jsonObject,
  messageOf,
  objectIn,
  partOf,
  resultAnswer,
  withMembers,
  type Json,
} from '../messageParts.ts';
import { createRequestStates } from './requestStates.ts';
import { forModernClient } from '../results.ts';
import { createUrlElicitations, requiredElicitations } from './urlElicitations.ts';

/** How much (characters) may be kept of answers that nobody waits for yet. */
const mostParked = 64 * 1024 * 1024;
/** How much a server may want at once for one call. */
const mostWanted = 64;

/** The two ends that a call goes between. */
export interface ModernCallsOptions {
  toServer(message: Message): Promise<unknown>;
  toClient(message: Message): void;
  /** Who the server is, as it came. */
  serverInfo(): Json | undefined;
}

/** The calls of a modern client at a legacy server, which asks for input while it has them. */
export function createModernCalls({ toServer, toClient, serverInfo }: ModernCallsOptions) {
  /** By the server's ids, in the order they came. */
  const calls = new Map<RequestId, HeldCall>();
  const states = createRequestStates<HeldCall>(expire);
  const elicitations = createUrlElicitations();

  function start(message: Message): Promise<unknown> {
    const call = createHeldCall(message.content as JSONRPCRequest);
    calls.set(call.id, call);
    return toServer(withoutEra(message));
  }

  /** Lets the client know what the server wants, if there is something and the client waits for an answer. */
  function ask(call: HeldCall): void {
    const { leg, wanted } = call;
    if (!leg || wanted.size === 0) return;
    call.leg = undefined;
    toClient(inputRequired(leg, wanted, states.put(call), serverInfo()));
  }

  async function goOn(message: Message, call: HeldCall): Promise<void> {
    const { id, params } = message.content as JSONRPCRequest;
    call.leg = { id, progressToken: objectIn(params, '_meta')['progressToken'] };
    const refusals = [...call.wanted.values()].filter(each => each.id === undefined);
    const responses = objectIn(params, 'inputResponses');
    for (const [key, wanted] of call.wanted) {
      const response = isObject(responses[key])
        ? partOf(message, 'params', 'inputResponses', key)
        : undefined;
      if (!response) continue;
      call.wanted.delete(key);
      if (wanted.id !== undefined) await toServer(resultAnswer(wanted.id, response));
      else if (objectIn(response.value)['action'] !== 'accept') {
        end(call, declined(call.method));
        return;
      }
    }
    if (call.wanted.size > 0) ask(call);
    else if (call.answer) deliver(call, call.answer);
    else if (refusals.length > 0) {
      await elicitations.done(refusals.map(({ request }) => request.params['elicitationId']));
      if (calls.get(call.id) !== call) return;
      calls.delete(call.id);
      await start(message);
    }
  }

  function deliver(call: HeldCall, answer: Message): void {
    const { leg } = call;
    calls.delete(call.id);
    if (!leg) return;
    const said = forModernClient(answer, call.method, serverInfo());
    toClient(leg.id === call.id ? said : withId(said, leg.id));
  }

  function end({ id, leg }: HeldCall, error: RpcError): void {
    calls.delete(id);
    if (leg) toClient(errorAnswer(leg.id, error));
  }

  /** Nobody has come back with what the server wanted. */
  function expire(call: HeldCall): void {
    if (!calls.delete(call.id) || call.answer) return;
    const asked = [...call.wanted.values()].flatMap(({ id }) => id ?? []);
    for (const id of asked) void toServer(errorAnswer(id, notBack()));
    if (asked.length === 0) return;
    const params = jsonObject({ requestId: jsonId(call.id) });
    void toServer(messageOf({ method: json('notifications/cancelled'), params }));
  }

  /** Whether there is room for an answer that nobody waits for yet. */
  function parked({ text }: Message): boolean {
    const all = states.values().map(({ answer }) => answer?.text.length ?? 0);
    return all.reduce((sum, length) => sum + length, text.length) <= mostParked;
  }

  function find(by: RequestId | undefined): HeldCall | undefined {
    const its = by === undefined ? undefined : calls.get(by);
    if (its) return canAsk(its) ? its : undefined;
    // It may be for any of them. Whichever is asked, the server gets its answer.
    const all = [...calls.values()].filter(call => canAsk(call) && !call.answer);
    return all.findLast(({ leg }) => leg) ?? all.at(-1);
  }

  return {
    /** Takes a call of the client, or what it brings for one. */
    async begin(message: Message): Promise<void> {
      const { id, method, params } = message.content as JSONRPCRequest;
      const state: unknown = params?.['requestState'];
      if (typeof state !== 'string') {
        await start(message);
        return;
      }
      const call = states.get(state);
      if (!call || call.method !== method || call.digest !== digestOf(params)) {
        toClient(errorAnswer(id, unknownState(method)));
        return;
      }
      states.take(state);
      await goOn(message, call);
    },
    /** Takes an answer of the server. */
    answer(message: Message): void {
      const id = answers(message.content);
      const call = id === undefined ? undefined : calls.get(id);
      if (!call) return;
      const wanted = requiredElicitations(message);
      const canOpen = [...(wanted?.values() ?? [])].every(
        ({ request }) => !missingCapability(request, call.capabilities),
      );
      if (call.leg && wanted && canOpen && canAsk(call)) {
        for (const [key, each] of wanted) call.wanted.set(key, each);
        ask(call);
      } else if (call.leg) {
        deliver(call, message);
      } else {
        call.answer = parked(message) ? message : errorAnswer(call.id, tooMuch());
        call.wanted.clear();
      }
    },
    /** Takes a request of the server. @param by the call that it came with */
    wants(message: Message, by: RequestId | undefined): void {
      const { id, method } = message.content as JSONRPCRequest;
      const request = inputRequest(message.content);
      const call = request && find(by);
      const missing = request && call && missingCapability(request, call.capabilities);
      if (!request || !call || missing || call.wanted.size >= mostWanted) {
        void toServer(
          errorAnswer(
            id,
            missing && request ? missingCapabilityError(request, missing) : refusal(method, request),
          ),
        );
        return;
      }
      call.wanted.set(`${method}#${String(id)}`, { request, params: partOf(message, 'params'), id });
      ask(call);
    },
    /** The server waits no more for what it wanted. */
    withdraw(id: unknown): void {
      for (const { wanted } of calls.values()) {
        for (const [key, each] of wanted) if (each.id !== undefined && each.id === id) wanted.delete(key);
      }
    },
    /** The server says that an address is done with. */
    complete: elicitations.complete,
    /** The client gives a call up. @param message its `notifications/cancelled` */
    async cancel(id: RequestId, message: Message): Promise<void> {
      const call = [...calls.values()].find(({ leg }) => leg?.id === id);
      if (!call) return;
      calls.delete(call.id);
      const renamed = () => withMembers(message, ['params'], { requestId: jsonId(call.id) });
      await toServer(call.id === id ? message : renamed());
    },
    /** A `notifications/progress` under the token that the client waits with now; undefined where it does not. */
    progressed(message: Message): Message | undefined {
      const { progressToken } = objectIn(message.content, 'params');
      const call = [...calls.values()].find(({ serverToken }) => serverToken === progressToken);
      if (!call || call.leg?.progressToken === progressToken) return message;
      const token = call.leg?.progressToken;
      return token === undefined
        ? undefined
        : withMembers(message, ['params'], { progressToken: json(token) });
    },
    /** Those that are under way. */
    underWay: (): Iterable<HeldCall> => calls.values(),
    get: (id: RequestId): HeldCall | undefined => calls.get(id),
  };
}
