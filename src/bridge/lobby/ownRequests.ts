import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import type { RpcError } from '../../mcp/answer.ts';
import { isObject } from '../../common/isObject.ts';
import { rpcCodes } from '../../mcp/names.ts';
import { createBridgeRequests } from '../bridgeRequests.ts';
import type { Carried, Ends } from './ends.ts';
import { lists, mostItems, mostPages, type Items, type ListMethod } from './lists.ts';

/** That the server refused what it must take before everything else. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly error: RpcError;

  constructor(error: RpcError) {
    super(error.message);
    this.error = error;
  }
}

/** How long (ms) a list may take, and an answer that a server of the older era may not give at all. */
const [patience, answerWithin] = [20_000, 5_000];

/** Requests of the lobby to the server, whose answers the client does not see. */
export function createOwnRequests<Message extends Carried>(
  ends: Pick<Ends<Message>, 'toServer' | 'make' | 'withId' | 'whole'>,
) {
  const open = createBridgeRequests();

  function send(message: Message): Promise<JSONRPCMessage> {
    const id = `omnispindle-lobby-${randomUUID()}`;
    return open.ask(id, () => ends.toServer(ends.withId(message, id)));
  }

  async function page(method: ListMethod, params: JSONRPCRequest['params']) {
    const answer = await send(ends.make({ jsonrpc: '2.0', id: 0, method, ...(params && { params }) }));
    return answer as { readonly result?: unknown; readonly error?: { readonly code?: unknown } };
  }

  async function pages(method: ListMethod, params: JSONRPCRequest['params']): Promise<Items | undefined> {
    const items: unknown[] = [];
    let cursor: string | undefined;
    for (let count = 0; count < mostPages; count++) {
      const { result, error } = await page(method, cursor === undefined ? params : { ...params, cursor });
      if (error?.code === rpcCodes.methodNotFound) return [];
      if (!isObject(result)) return undefined;
      const { [lists[method].member]: listed, nextCursor } = result;
      if (Array.isArray(listed)) items.push(...(listed as unknown[]));
      if (items.length > mostItems) return undefined;
      if (typeof nextCursor !== 'string') return items;
      cursor = nextCursor;
    }
    return undefined;
  }

  return {
    /** Says that to the server, as a request of our own. @returns its answer */
    send,
    /**
     * Asks what the server says of itself in the 2026 era. Never rejects.
     * @returns undefined where it does not speak that
     */
    async discover(params: JSONRPCRequest['params']): Promise<Readonly<Record<string, unknown>> | undefined> {
      const question = ends.make({
        jsonrpc: '2.0',
        id: 0,
        method: 'server/discover',
        ...(params && { params }),
      });
      const answer = await inTime(send(question), answerWithin);
      const { result } = (answer ?? {}) as { readonly result?: unknown };
      return isObject(result) && Array.isArray(result['supportedVersions']) ? result : undefined;
    },
    /** @returns whether it answers one of ours; it is not looked at where it is too long */
    take(id: RequestId, message: Message): boolean {
      return open.answer(id, ends.whole(message) ?? { jsonrpc: '2.0', id, result: {} });
    },
    /**
     * Fetches all of a list. Never rejects.
     * @param params what each request says
     * @returns undefined where the server does not say, or too much
     */
    async list(method: ListMethod, params: JSONRPCRequest['params']): Promise<Items | undefined> {
      return inTime(pages(method, params), patience);
    },
  };
}

/** What comes of it in that time; undefined where nothing does. Never rejects. */
async function inTime<T>(work: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, limit, undefined).unref();
  });
  const first = await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
  return first;
}
