import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import type { SignInEvent } from '../sessions/signInEvent.ts';
import type { Notice, TokenRequest } from '../sessions/tokenSource.ts';
import { isId, isRequest } from '../mcp/message.ts';
import {
  beforeTheServer,
  bridgeNotice,
  createWaitingProgress,
  type WaitingProgress,
} from '../mcp/waitingProgress.ts';

/** A request that waits. */
export interface WaitingCall {
  readonly id: RequestId;
  readonly method: string;
  readonly progress: WaitingProgress;
}

/** What the client said and the server has not heard yet. */
export interface Waiting<Message> {
  readonly message: Message;
  /** Where it is a request. */
  readonly call?: WaitingCall;
  /** Resolves `taken`: the server has it, or is not to have it. */
  done(value: undefined): void;
  readonly taken: Promise<undefined>;
}

/** What hears of the calls that wait. */
export interface WaitingCallsOptions {
  /** Tells the client. */
  say(message: object): void;
  /** A call is not to wait any longer. */
  onEnough(call: WaitingCall): void;
  /** After which number the progress of a call is counted, which must grow. */
  readonly from?: number;
}

/** What waits for the server in the order it came; all the calls among it hear the same news at once. */
export function createWaitingCalls<Message extends { readonly content: JSONRPCMessage }>({
  say,
  onEnough,
  from = beforeTheServer,
}: WaitingCallsOptions) {
  const queue: Waiting<Message>[] = [];
  let news: SignInEvent | undefined;
  let need: AbortController | undefined;

  const calls = () => queue.flatMap(({ call }) => call ?? []);

  function tell(event: SignInEvent): void {
    news = event;
    for (const { progress } of calls()) progress.tell(event);
  }

  function follow({ id, method, params }: JSONRPCRequest): WaitingCall {
    const token: unknown = params?._meta?.progressToken;
    const progress = createWaitingProgress(
      {
        _meta: isId(token) ? { progressToken: token } : {},
        sendNotification(notification) {
          say({ jsonrpc: '2.0', ...notification });
          return Promise.resolve();
        },
        signal: new AbortController().signal,
      },
      { from },
    );
    const call = { id, method, progress };
    progress.signal.addEventListener('abort', () => {
      onEnough(call);
    });
    if (news !== undefined) progress.tell(news);
    return call;
  }

  function remove(waiting: Waiting<Message>): void {
    const place = queue.indexOf(waiting);
    if (place < 0) return;
    queue.splice(place, 1);
    waiting.call?.progress.stop();
    waiting.done(undefined);
    if (calls().length === 0) need?.abort();
  }

  return {
    add(message: Message): Waiting<Message> {
      const { promise: taken, resolve: done } = Promise.withResolvers<undefined>();
      const call = isRequest(message.content) ? follow(message.content) : undefined;
      const waiting: Waiting<Message> = { message, taken, done, ...(call && { call }) };
      queue.push(waiting);
      return waiting;
    },
    first: (): Waiting<Message> | undefined => queue[0],
    remove,
    /** The call that waits under that id. */
    find: (id: RequestId): Waiting<Message> | undefined => queue.find(({ call }) => call?.id === id),
    calls,
    tell,
    /** Does what all that waits needs; the signal is aborted when no call waits any more. */
    async prepare(
      work: (request: Required<Pick<TokenRequest, 'signal' | 'onProgress' | 'onNotice'>>) => Promise<void>,
    ) {
      need = new AbortController();
      try {
        await work({
          signal: need.signal,
          onProgress: tell,
          onNotice: (notice: Notice) =>
            calls()
              .map(({ progress }) => bridgeNotice(progress.notice)(notice))
              .some(Boolean),
        });
      } finally {
        need = undefined;
        news = undefined;
      }
    },
  };
}
