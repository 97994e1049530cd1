import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { RpcError } from '../../mcp/answer.ts';
import { answers, hasMethod, isRequest } from '../../mcp/message.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { eraOf } from '../remote/eras/era.ts';
import type { Carried, Ends } from './ends.ts';
import { lists } from './lists.ts';
import type { Lobby } from './lobby.ts';
import type { ListMemory } from './memory.ts';
import { createNotes } from './notes.ts';
import { createReadiness } from './readiness.ts';

/** The bridge behind it, and where its tokens come from. */
export interface FrontOptions<Message extends Carried> {
  readonly ends: Ends<Message>;
  /** The tokens that every request to the server needs. */
  readonly tokenSource: Pick<TokenSource, 'getToken' | 'onInvalidate'>;
  readonly memory: ListMemory;
  /** The server, as the person knows it. */
  readonly name: string;
  /** Whether the bridge speaks either era of the protocol with any server. */
  readonly translates: boolean;
  readonly log: Log;
  /**
   * The server does not speak the 2026 era, which its client was promised: from now on it is to be translated for it.
   * Absent where the bridge translates anyway.
   */
  translate?(): Promise<void>;
  /** Why there is no token, as the error of that call. */
  refusal(error: unknown, id: RequestId): RpcError;
}

/** What stands before a bridge. */
export interface Front<Message extends Carried> {
  /** Hears a message of the client; resolves when the server has it, or needs not have it. Never rejects. */
  fromClient(message: Message): Promise<void>;
  /** Hears a message of the server, or of the bridge. */
  fromServer(message: Message): void;
  /** Whether something the client said is still to be answered or passed on. */
  isBusy(): boolean;
  /** Writes what is to be remembered. Never rejects. */
  close(): Promise<void>;
}

/** What a client may ask before the person has asked for anything. */
const quiet = new Set([
  'initialize',
  'server/discover',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'subscriptions/listen',
  'completion/complete',
  ...Object.keys(lists),
]);

/**
 * Passes every message on where there is a token. Where there is none, a client gets its answers at start, and its
 * lists, without anybody being asked to sign in: that waits for the first call.
 */
export function createFront<Message extends Carried>(options: FrontOptions<Message>): Front<Message> {
  const { ends, memory, tokenSource, log } = options;
  const readiness = createReadiness({
    tokenSource,
    log,
    hasAnswers: async () => (await memory.get(undefined)) !== undefined,
    onChange: () => void lobby?.wake(),
  });
  const notes = createNotes({ memory, account: readiness.account });
  let lobby: Lobby<Message> | undefined;
  let opening: Promise<void> | undefined;
  /** Who answers a client's first message decides about those that follow. */
  let deciding: Promise<boolean> | undefined;
  let isFirst = true;
  /** How many messages of the client are under way. */
  let pending = 0;
  let isModern = false;

  async function open(): Promise<void> {
    const { createLobby } = await import('./lobby.ts');
    lobby = createLobby({
      ...options,
      readiness,
      notes,
      pass,
      isModern: content => isModernNow(content),
    });
  }

  function isModernNow(content: JSONRPCMessage): boolean {
    const era = eraOf(content);
    if (era) isModern = era === 'modern';
    return isModern;
  }

  function pass(message: Message): Promise<void> {
    const { content } = message;
    if (isRequest(content)) notes.watch(content);
    else if ('method' in content && content.method === 'notifications/cancelled') {
      notes.forget(content.params?.['requestId'] as RequestId);
    }
    return ends.toServer(message);
  }

  /** Whether the server is to answer; where not, the lobby is there. */
  async function decide(): Promise<boolean> {
    if (await readiness.isReady()) return true;
    await (opening ??= open());
    return false;
  }

  async function fromClient(message: Message): Promise<void> {
    pending++;
    await hear(message).finally(() => pending--);
  }

  async function hear(message: Message): Promise<void> {
    while (deciding) await deciding;
    const { content } = message;
    if (!hasMethod(content)) return ends.toServer(message);
    const isOpening = isFirst || ('method' in content && content.method === 'initialize');
    if (!isOpening) return take(message);
    isFirst = false;
    const decision = decide();
    deciding = decision;
    const isReady = await decision;
    deciding = undefined;
    return take(message, isReady);
  }

  async function take(message: Message, isReady?: boolean): Promise<void> {
    const { content } = message;
    if (isRequest(content) && quiet.has(content.method)) {
      const request: JSONRPCRequest = content;
      const isNow = isReady ?? (await decide());
      return lobby ? lobby.quiet(message, request, isNow) : pass(message);
    }
    return lobby ? lobby.take(message) : pass(message);
  }

  function fromServer(message: Message): void {
    const id = answers(message.content);
    if (lobby?.takes(message, id)) return;
    const listed = id === undefined ? undefined : notes.take(id, () => ends.whole(message));
    if (id !== undefined && listed && lobby?.confirms(id, listed)) return;
    ends.toClient(message);
  }

  return { fromClient, fromServer, isBusy: () => pending > 0, close: memory.flush };
}
