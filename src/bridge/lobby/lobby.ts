import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import type { RpcError } from '../../mcp/answer.ts';
import { isId, isRequest } from '../../mcp/message.ts';
import { listChanges, rpcCodes } from '../../mcp/names.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { createAnswers, type AnswersOptions } from './answers.ts';
import type { Carried, Ends } from './ends.ts';
import { createEntrance } from './entrance.ts';
import { createListens } from './listens.ts';
import type { Items, ListMethod } from './lists.ts';
import type { ListMemory } from './memory.ts';
import type { createNotes, Listed } from './notes.ts';
import { createOwed } from './owed.ts';
import { createOwnRequests } from './ownRequests.ts';
import type { Attendance } from './attendance.ts';
import type { Readiness } from './readiness.ts';
import { createShownLists } from './shownLists.ts';
import { signedIn, signInTool } from './words.ts';

/** The bridge that a lobby stands before. */
export interface LobbyOptions<Message extends Carried> extends AnswersOptions {
  readonly ends: Ends<Message>;
  readonly tokenSource: Pick<TokenSource, 'getToken'>;
  readonly readiness: Readiness;
  readonly attendance?: Attendance | undefined;
  readonly memory: Pick<ListMemory, 'get'>;
  readonly notes: ReturnType<typeof createNotes>;
  readonly log: Log;
  /** The server is to be translated from now on for a client of the 2026 era; absent where it is anyway. */
  translate?(): Promise<void>;
  /** Passes on what the client says. Never rejects. */
  pass(message: Message): Promise<void>;
  /** Whether the client speaks the 2026 era. */
  isModern(content: JSONRPCMessage): boolean;
  /** Why there is no token, as the error of that call. */
  refusal(error: unknown, id: RequestId): RpcError;
}

/** Answers a client whose server cannot be reached without a sign-in, until a call leads to one. */
export function createLobby<Message extends Carried>(options: LobbyOptions<Message>) {
  const { ends, pass, name, readiness, memory, notes, log } = options;
  const say = (content: JSONRPCMessage) => {
    ends.toClient(ends.make(content));
  };
  const answers = createAnswers(options);
  const own = createOwnRequests(ends);
  const listens = createListens<Message>(say);
  const shown = createShownLists({ list: method => own.list(method, meta), note: notes.list, tell });
  const owed = createOwed<Message>({
    send: own.send,
    pass,
    onInitialized: notes.initialized,
    onSlow: () => entrance.tell({ type: 'message', message: l10n.t('Waiting for {0} to start.', name) }),
  });
  const entrance = createEntrance<Message>({
    say,
    async prepare(request) {
      const rejected = options.attendance?.refused();
      const wanted = { ...request, ...(rejected !== undefined && { rejected }) };
      readiness.note(await options.tokenSource.getToken(wanted));
      await begin();
    },
    take,
    refusal: options.refusal,
  });
  /** What each request of a modern client says. */
  let meta: JSONRPCRequest['params'];
  /** Whether the client knows of the server what we said. */
  let hasPromised = false;
  /** Whether it is to be found out if the server speaks the 2026 era, as we said it does. */
  let isEraOpen = false;
  let turn: Promise<void> = Promise.resolve();

  const isSettled = () => !isEraOpen && !owed.isAny() && !shown.isAny() && !listens.isHolding();

  function tell(list: keyof typeof listChanges): void {
    listens.tell(list);
    if (!meta) say({ jsonrpc: '2.0', method: listChanges[list].method });
  }

  /** Answers what needs no server. */
  async function answer(message: Message, request: JSONRPCRequest): Promise<void> {
    const isModern = options.isModern(request);
    if (!isModern) owed.remember(message);
    if (request.method === 'subscriptions/listen' && listens.hold(message, request)) return;
    const known = await memory.get(readiness.account());
    const { answer: made, listed } = answers.answer(request, { isModern, known });
    if (listed) shown.add(listed.method, listed.items);
    else if (request.method === 'initialize') hasPromised = true;
    else if (request.method === 'server/discover') {
      hasPromised = 'result' in made;
      isEraOpen = hasPromised && options.translate !== undefined;
    }
    say(made);
  }

  /** Has the server hear what it must before any call. @throws RefusedError where it does not take that */
  async function begin(): Promise<void> {
    if (isEraOpen && meta) {
      const discovered = await own.discover(meta);
      notes.discovered(discovered);
      if (!discovered) await options.translate?.();
    }
    isEraOpen = false;
    await owed.tell();
  }

  /** Tells the client what is other than it was shown. Never rejects. @returns what the server lists */
  function settle(): Promise<ReadonlyMap<ListMethod, Items>> {
    for (const message of listens.release()) void pass(message);
    return shown.settle();
  }

  /** Brings calls to the server, or answers those that were for nothing but a sign-in. */
  function take(messages: readonly Message[]): void {
    const signIns: RequestId[] = [];
    for (const message of messages) {
      const { content } = message;
      if (isRequest(content) && isSignIn(content)) signIns.push(content.id);
      else void pass(message);
    }
    const settled = settle();
    for (const id of signIns) void settled.then(found => answerSignIn(id, found));
  }

  function isSignIn({ method, params }: JSONRPCRequest): boolean {
    return shown.hasSignIn() && method === 'tools/call' && params?.['name'] === signInTool;
  }

  async function answerSignIn(id: RequestId, found: ReadonlyMap<ListMethod, Items>): Promise<void> {
    const tools = found.get('tools/list') ?? (await own.list('tools/list', meta));
    const text = signedIn(name, readiness.account(), tools);
    const content = [{ type: 'text', text }];
    say({ jsonrpc: '2.0', id, result: { ...(meta && { resultType: 'complete' }), content } });
  }

  /** Goes on where somebody has signed in meanwhile. */
  function wake(): Promise<void> {
    turn = turn.then(async () => {
      if (isSettled() || !(await readiness.hasToken())) return;
      try {
        await begin();
        void settle();
      } catch (error) {
        log.debug(`${name} does not begin: ${messageOf(error)}`);
      }
    });
    return turn;
  }

  function noteMeta(request: JSONRPCRequest): void {
    const { progressToken: _, ...said } = request.params?._meta ?? {};
    meta = options.isModern(request) ? { _meta: said } : undefined;
  }

  async function call(message: Message, request: JSONRPCRequest): Promise<void> {
    const { id } = request;
    if (entrance.isWaitedFor(id)) {
      const error = { code: rpcCodes.invalidRequest, message: l10n.t('Another call has that id.') };
      say({ jsonrpc: '2.0', id, error });
      return;
    }
    if (isSettled() && entrance.isEmpty() && !isSignIn(request)) return pass(message);
    const waited = entrance.add(message);
    turn = turn.then(entrance.open);
    return waited;
  }

  return {
    wake,
    /** Hears a request that needs no server to be answered. @param isReady whether the server can be asked */
    async quiet(message: Message, request: JSONRPCRequest, isReady: boolean): Promise<void> {
      noteMeta(request);
      if (!isReady) return answer(message, request);
      if (request.method === 'initialize' || !owed.isAny()) {
        if (!isSettled()) void wake();
        return pass(message);
      }
      await wake();
      return owed.isAny() ? answer(message, request) : pass(message);
    },
    /** Hears whatever else the client says. */
    async take(message: Message): Promise<void> {
      const { content } = message;
      if (isRequest(content)) {
        noteMeta(content);
        return call(message, content);
      }
      if ('method' in content && content.method === 'notifications/cancelled') {
        const id: unknown = content.params?.['requestId'];
        return isId(id) && (entrance.cancel(id) || listens.cancel(id)) ? undefined : pass(message);
      }
      if (!owed.hasInitialize()) return pass(message);
      owed.remember(message);
    },
    /** Hears an answer, or what else the server says. @returns whether the client is not to hear it */
    takes(message: Message, id: RequestId | undefined): boolean {
      if (id === undefined) return listens.isSecondAcknowledgement(message.content);
      if (own.take(id, message)) return true;
      listens.cancel(id);
      return false;
    },
    /**
     * Hears what came of a list that the client asked the server for.
     * @returns whether it was answered here: the client was promised a list, and the server has no such thing
     */
    confirms(id: RequestId, { method, outcome }: Listed): boolean {
      if (outcome === 'refused') return false;
      shown.confirm(method);
      if (outcome === 'listed' || !hasPromised) return false;
      say(answers.empty(id, method, meta !== undefined));
      return true;
    },
  };
}

/** What {@link createLobby} builds. */
export type Lobby<Message extends Carried> = ReturnType<typeof createLobby<Message>>;
