import { setTimeout as delay } from 'node:timers/promises';
import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import { isObject } from '../../../../common/isObject.ts';
import type { Message } from '../../../../mcp/message.ts';
import {
  inputRequest,
  missingCapability,
  missingCapabilityError,
  type InputRequest,
} from '../capabilities.ts';
import { json, jsonObject, objectIn, partOf, withMembers, type Json } from '../messageParts.ts';
import { createId, type Peer } from '../peer.ts';
import { endless, InputError, nonsense, refused } from './inputErrors.ts';

/** How often the client is asked for one call; a server that goes on like that would never end. */
const mostRounds = 10;
/** How often a call is sent again without the client being asked, as while a person is at an address. */
const mostQuietRounds = 120;
/** How many requests one answer may hold. */
const mostRequests = 64;
/** The client that is asked for what a call needs. */
export interface InputRoundsOptions {
  /** Requests of ours to the client. */
  readonly client: Peer;
  /** What the client has declared. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /**
   * How long (ms) a call waits before it is sent again without the client being asked, at first and at most; 500 and
   * 5,000 where absent.
   */
  readonly pauses?: readonly [first: number, longest: number] | undefined;
}

/** Who has to do something before a call is sent again. */
type WaitsFor = 'answer' | 'server';

/** The rounds that one call takes (MCP specification 2026-07-28, "Multi Round-Trip Requests"). */
export interface InputRounds {
  /**
   * Asks the client what the server wants to know.
   * @param answer the server's `input_required`
   * @returns what is to be sent then; undefined, or nothing ever, where the call was cancelled by then
   * @throws InputError where the client cannot answer, or will not
   */
  next(answer: Message): Promise<Message | undefined>;
  /** Who is waited for now. */
  waitsFor(): WaitsFor;
  /** Asks no more. */
  cancel(): void;
  /** The addresses that the client was shown, by their elicitations: none of them is of use any more. */
  elicitations(): readonly string[];
}

/** @param call the client's request, as the server got it first */
export function createInputRounds(
  call: Message,
  { client, capabilities, pauses: [firstPause, longestPause] = [500, 5_000] }: InputRoundsOptions,
): InputRounds {
  const { method } = call.content as JSONRPCRequest;
  const over = new AbortController();
  const asked = new Set<RequestId>();
  const elicitations: string[] = [];
  /** Addresses that the person has agreed to open. */
  const accepted = new Set<unknown>();
  let rounds = 0;
  let quiet = 0;

  function ask(request: InputRequest, params: Json | undefined): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const id = createId();
    asked.add(id);
    const onAnswer = (answer: Message) => {
      asked.delete(id);
      const result = partOf(answer, 'result');
      if (result && isObject(result.value)) {
        if (request.params['mode'] === 'url' && result.value['action'] === 'accept') {
          accepted.add(request.params['url']);
        }
        resolve(result);
      } else {
        reject(refused(request, objectIn(answer.content, 'error')));
      }
    };
    client.ask(request.method, params, onAnswer, { id });
    return promise;
  }

  async function askAll(requests: readonly Requested[]): Promise<Json> {
    try {
      const answers = await Promise.all(
        requests.map(
          async ({ key, request, params }) => [key, await ask(request, withId(request, params))] as const,
        ),
      );
      return jsonObject(Object.fromEntries(answers));
    } finally {
      withdraw();
    }
  }

  /** The legacy era wants an id with each address. */
  function withId(request: InputRequest, params: Json | undefined): Json | undefined {
    if (request.params['mode'] !== 'url' || !params) return params;
    const elicitationId = String(createId());
    elicitations.push(elicitationId);
    const { text, content } = withMembers(
      { text: params.text, content: params.value as Message['content'] },
      [],
      { elicitationId: json(elicitationId) },
    );
    return { text, value: content };
  }

  function withdraw(): void {
    for (const id of asked) client.cancel(id);
    asked.clear();
  }

  /** Waits a while, where the person is to do something elsewhere and has been told so. */
  async function pause(): Promise<void> {
    if (++quiet > mostQuietRounds) throw endless(method);
    const wait = Math.min(firstPause * 2 ** (quiet - 1), longestPause);
    await delay(wait, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
  }

  async function answersTo(requests: readonly Requested[]): Promise<Json | undefined> {
    const isKnown = requests.every(
      ({ request }) => request.params['mode'] === 'url' && accepted.has(request.params['url']),
    );
    if (!isKnown) {
      if (++rounds > mostRounds) throw endless(method);
      return askAll(requests);
    }
    await pause();
    const accept = json({ action: 'accept' });
    return requests.length === 0
      ? undefined
      : jsonObject(Object.fromEntries(requests.map(({ key }) => [key, accept])));
  }

  return {
    async next(answer) {
      const requests = requestsIn(answer, method);
      for (const { request } of requests) {
        const missing = missingCapability(request, capabilities);
        if (missing) throw new InputError(missingCapabilityError(request, missing));
      }
      const requestState = partOf(answer, 'result', 'requestState');
      if (requests.length === 0 && typeof requestState?.value !== 'string') throw nonsense(method);
      const inputResponses = await answersTo(requests);
      if (over.signal.aborted) return undefined;
      return withMembers(call, ['params'], { inputResponses, requestState });
    },
    waitsFor: () => (asked.size > 0 ? 'answer' : 'server'),
    cancel() {
      over.abort();
      withdraw();
    },
    elicitations: () => elicitations,
  };
}

interface Requested {
  readonly key: string;
  readonly request: InputRequest;
  /** Its parameters, as they came. */
  readonly params: Json | undefined;
}

function requestsIn(answer: Message, method: string): Requested[] {
  const all = Object.entries(objectIn(answer.content, 'result', 'inputRequests'));
  if (all.length > mostRequests) throw nonsense(method);
  return all.map(([key, value]) => {
    const request = inputRequest(value);
    if (!request) throw nonsense(method);
    return { key, request, params: partOf(answer, 'result', 'inputRequests', key, 'params') };
  });
}
