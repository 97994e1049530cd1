import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import { isObject } from '../../common/isObject.ts';
import { rpcCodes } from '../../mcp/names.ts';
import { isListMethod, lists, mostItems, mostPages, type Items, type ListMethod } from './lists.ts';
import type { Known, ListMemory } from './memory.ts';

/** A list that comes in pages (MCP specification, "Pagination"). */
interface Pages {
  readonly items: unknown[];
  readonly next: string;
  readonly count: number;
}

/** A request whose answer is worth to be remembered. */
interface Watched {
  readonly method: string;
  readonly cursor: unknown;
}

/** What became of a request for a list. */
export interface Listed {
  readonly method: ListMethod;
  /** Whether the server has it, has no such thing at all, or says something else. */
  readonly outcome: 'listed' | 'missing' | 'refused';
}

/** Where it is kept, and for whom. */
export interface NotesOptions {
  readonly memory: Pick<ListMemory, 'add'>;
  /** The account that the server answers. */
  account(): string | undefined;
}

/** Notes what the server says of itself and lists. */
export function createNotes({ memory, account }: NotesOptions) {
  const watched = new Map<RequestId, Watched>();
  const pages = new Map<ListMethod, Pages>();

  function add(known: Known): void {
    const whose = account();
    if (whose !== undefined) memory.add(whose, known);
  }

  function noteList(method: ListMethod, cursor: unknown, result: Readonly<Record<string, unknown>>): void {
    const { [lists[method].member]: listed, nextCursor } = result;
    if (!Array.isArray(listed)) return;
    const before = cursor === undefined ? undefined : pages.get(method);
    pages.delete(method);
    // A page of another list than the one that is put together.
    if (cursor !== undefined && before?.next !== cursor) return;
    const items = [...(before?.items ?? []), ...(listed as unknown[])];
    const count = (before?.count ?? 0) + 1;
    if (items.length > mostItems || count > mostPages) noteNone(method);
    else if (typeof nextCursor === 'string') pages.set(method, { items, next: nextCursor, count });
    else add({ lists: { [method]: items.filter(isObject) } });
  }

  function noteResult({ method, cursor }: Watched, result: Readonly<Record<string, unknown>>): void {
    if (method === 'initialize') add({ initialized: only(result, initializedMembers), lists: {} });
    else if (method === 'server/discover') add({ discovered: only(result, discoveredMembers), lists: {} });
    else if (isListMethod(method)) noteList(method, cursor, result);
  }

  return {
    /** Notes a request that goes to the server. */
    watch({ id, method, params }: JSONRPCRequest): void {
      if (method === 'initialize' || method === 'server/discover' || isListMethod(method)) {
        watched.set(id, { method, cursor: params?.['cursor'] });
      }
    },
    /** Forgets a request that gets no answer. */
    forget(id: RequestId): void {
      watched.delete(id);
    },
    /**
     * Hears an answer of the server.
     * @param whole gives all that it says
     * @returns what became of a list, where it is about one
     */
    take(id: RequestId, whole: () => JSONRPCMessage | undefined): Listed | undefined {
      const request = watched.get(id);
      if (!request) return undefined;
      watched.delete(id);
      const answer = whole();
      const { result, error } = (answer ?? {}) as {
        readonly result?: unknown;
        readonly error?: { readonly code?: unknown };
      };
      const isMissing = error?.code === rpcCodes.methodNotFound;
      if (isObject(result)) noteResult(request, result);
      else if (!answer || isMissing) noteNone(request.method);
      const { method } = request;
      return isListMethod(method)
        ? { method, outcome: isMissing ? 'missing' : error ? 'refused' : 'listed' }
        : undefined;
    },
    /** Notes a list that was put together elsewhere. */
    list(method: ListMethod, items: Items): void {
      add({ lists: { [method]: items } });
    },
    /** Notes what the server says of itself in the 2026 era; undefined where it does not speak that. */
    discovered(result: Readonly<Record<string, unknown>> | undefined): void {
      if (result) noteResult({ method: 'server/discover', cursor: undefined }, result);
      else noteNone('server/discover');
    },
    initialized(result: Readonly<Record<string, unknown>>): void {
      noteResult({ method: 'initialize', cursor: undefined }, result);
    },
  };

  /** What was remembered is not so any more. */
  function noteNone(method: string): void {
    if (isListMethod(method)) add({ lists: { [method]: [] } });
    else if (method === 'server/discover') add({ discovered: {}, lists: {} });
  }
}

const initializedMembers = ['protocolVersion', 'capabilities', 'serverInfo', 'instructions'];
const discoveredMembers = ['supportedVersions', 'capabilities', 'instructions', '_meta'];

function only(result: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).filter(([name]) => names.includes(name)));
}
