import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { RpcError } from '../../mcp/answer.ts';
import { answers, hasMethod, isRequest } from '../../mcp/message.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { quietMethods } from '../quietMethods.ts';
import { eraOf } from '../remote/eras/era.ts';
import type { Attendance } from './attendance.ts';
import type { Carried, Ends } from './ends.ts';
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
  /** What the bridge could not send without asking somebody; absent where nothing is refused for want of a token. */
  readonly attendance?: Attendance | undefined;
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

/**
 * Passes every message on where there is a token. Where there is none, a client gets its answers at start, and its
 * lists, without anybody being asked to sign in: that waits for the first call. So it does where the server refuses the
 * only token there is.
 */
export function createFront<Message extends Carried>(options: FrontOptions<Message>): Front<Message> {
  const { memory, tokenSource, log, attendance } = options;
  const ends: Ends<Message> = {
    ...options.ends,
    toClient(message) {
      const id = answers(message.content);
      if (id !== undefined) attendance?.ended(id);
      options.ends.toClient(message);
    },
  };
  const readiness = createReadiness({
    tokenSource,
    log,
    attendance,
    hasAnswers: async () => (await memory.get(undefined)) !== undefined,
    onChange: () => void lobby?.wake(),
  });
  const notes = createNotes({ memory, account: readiness.account });
  let lobby: Lobby<Message> | undefined;
  let opening: Promise<void> | undefined;
  /** Who answers a client's first message decides about those that follow. */
  let deciding: Promise<unknown> | undefined;
  /** What the server was asked that may be answered without it. */
  const asked = new Map<RequestId, Message>();
  let isFirst = true;
  /** How many messages of the client are under way. */
  let pending = 0;
  let isModern = false;

  async function open(): Promise<void> {
    const { createLobby } = await import('./lobby.ts');
    lobby = createLobby({
      ...options,
      ends,
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
    if (isRequest(content)) {
      notes.watch(content);
      if (attendance && quietMethods.has(content.method)) asked.set(content.id, message);
    } else if ('method' in content && content.method === 'notifications/cancelled') {
      forget(content.params?.['requestId'] as RequestId);
    }
    return ends.toServer(message);
  }

  function forget(id: RequestId): void {
    notes.forget(id);
    asked.delete(id);
    attendance?.ended(id);
  }

  /** Whether the server is to answer; where not, the lobby is there. */
  async function decide(): Promise<boolean> {
    if (await readiness.isReady()) return true;
    await (opening ??= open());
    return false;
  }

  async function fromClient(message: Message): Promise<void> {
    const { content } = message;
    if (isRequest(content) && !quietMethods.has(content.method)) attendance?.called(content.id);
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
    if (isRequest(content) && quietMethods.has(content.method)) {
      const request: JSONRPCRequest = content;
      const isNow = isReady ?? (await decide());
      return lobby ? lobby.quiet(message, request, isNow) : pass(message);
    }
    return lobby ? lobby.take(message) : pass(message);
  }

  /** Answers without the server what it refused for want of a token. Never rejects. */
  async function answerInstead(message: Message): Promise<void> {
    pending++;
    const { content } = message;
    const answering = (opening ??= open()).then(() =>
      isRequest(content) ? lobby?.quiet(message, content, false) : undefined,
    );
    deciding = answering;
    await answering.finally(() => pending--);
    if (deciding === answering) deciding = undefined;
  }

  function fromServer(message: Message): void {
    const id = answers(message.content);
    if (lobby?.takes(message, id)) return;
    const question = id === undefined ? undefined : asked.get(id);
    if (id !== undefined) asked.delete(id);
    if (id !== undefined && question && 'error' in message.content && attendance?.isLacking()) {
      notes.forget(id);
      void answerInstead(question);
      return;
    }
    const listed = id === undefined ? undefined : notes.take(id, () => ends.whole(message));
    if (id !== undefined && listed && lobby?.confirms(id, listed)) return;
    ends.toClient(message);
  }

  return { fromClient, fromServer, isBusy: () => pending > 0, close: memory.flush };
}
