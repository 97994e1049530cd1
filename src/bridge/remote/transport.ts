import type {
  JSONRPCMessage,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { Intake } from '../../mcp/intake.ts';
import { isRequest, toMessage, type Message } from '../../mcp/message.ts';
import type { AuthorizedRequest } from './authorizedRequest.ts';
import type { Call } from './call.ts';
import type { RemoteLimits } from './limits.ts';

/** What the SDK's transports leave out: the text of a message, which is passed on as it came. */
interface WithText {
  /** The same message with its text; absent, the text is made from what the message says. */
  readonly raw?: Message | undefined;
}

/** How a message is sent. */
export interface SendOptions extends TransportSendOptions, WithText {
  /** What is known of the request; absent, it is a request like any other. */
  readonly call?: Call | undefined;
}

/** How a message of the client's side is to be treated. */
export interface Manner {
  /** Nobody waits for its answer: it must not lead to a sign-in. */
  readonly unattended?: boolean;
  /** Under which token the client hears what it waits for, where the message does not say. */
  readonly progressToken?: RequestId;
}

/** What is known of a message that came. */
export interface ReceivedInfo extends MessageExtraInfo, WithText, Manner {
  /** The call whose own stream it came by. */
  readonly relatedRequestId?: RequestId | undefined;
}

/** The SDK's transport, with what a bridge needs besides. */
interface BridgeTransport extends Transport {
  send(message: JSONRPCMessage, options?: SendOptions): Promise<void>;
  onmessage?: ((message: JSONRPCMessage, info?: ReceivedInfo) => unknown) | undefined;
}

/**
 * The client's end of a bridge: the client itself, or what stands before it and speaks another revision of the
 * protocol with it than with the bridge. What `onmessage` returns resolves when the server has the message: the client
 * is read no faster.
 */
export type ClientTransport = BridgeTransport;

/** A client that writes lines, and may read slowly. `onerror` hears of a line that is not a message. */
export interface LineTransport extends ClientTransport {
  /** A message of more than 32 MB came: its beginning and its end. */
  ontoolong?: ((beginning: string, end: string) => void) | undefined;
  /** Whether the client must read before more can be sent. */
  isFull(): boolean;
  /** The client reads again. */
  ondrain?: (() => void) | undefined;
  /** Resolves when the client is gone; with the signal, where it was one that said so. Asked once. */
  gone(): Promise<NodeJS.Signals | undefined>;
}

/**
 * The server's end of a bridge. `send` resolves when the server has taken the message, and rejects with an Error for
 * `explain` where it refuses or cannot be reached. `onmessage` must not throw; `onerror` hears of what came and is not
 * a message; `onclose` is called when the server has ended the session, too.
 */
export interface RemoteTransport extends BridgeTransport {
  /** The answer to that request will not come any more. */
  onlost?: ((id: RequestId, why: unknown) => void) | undefined;
  /** That request was sent again, and refused. */
  onrefused?: ((id: RequestId, error: unknown) => void) | undefined;
  /** Tells the server that the client is gone. */
  terminateSession(): Promise<void>;
  /** Listens no more. What is under way may still be answered. */
  close(): Promise<void>;
}

/** What every transport to a remote server needs. */
export interface RemoteOptions {
  readonly url: URL;
  readonly request: AuthorizedRequest;
  readonly intake: Intake;
  readonly log: Log;
  readonly limits: RemoteLimits;
}

/** The message with its text. */
export function rawOf(message: JSONRPCMessage, { raw }: WithText = {}): Message {
  return raw ?? toMessage(message);
}

/** The call that is sent with those options: also where the SDK sends it, which knows only its signal. */
export function callOf(
  message: JSONRPCMessage,
  { call, requestSignal, onRequestStreamEnd }: SendOptions = {},
): Call | undefined {
  if (call || !isRequest(message)) return call;
  const { id, method } = message;
  return {
    id,
    method,
    ended: requestSignal ?? new AbortController().signal,
    sent: false,
    onRequestStreamEnd,
  };
}

/** Sends a message as it came. */
export function sendRaw(
  to: Pick<BridgeTransport, 'send'>,
  message: Message,
  options?: SendOptions,
): Promise<void> {
  return to.send(message.content, { ...options, raw: message });
}

/** Has whoever listens to a transport hear a message as it came. @returns what the listener returns */
export function receiveRaw(
  { onmessage }: Pick<BridgeTransport, 'onmessage'>,
  message: Message,
  info?: ReceivedInfo,
): unknown {
  return onmessage?.(message.content, { ...info, raw: message });
}

/** Says that the answer to a call will not come any more. */
export function loseAnswer({ onlost }: Pick<RemoteTransport, 'onlost'>, call: Call, why?: unknown): void {
  call.onRequestStreamEnd?.();
  onlost?.(call.id, why);
}

/** What was caught, as a transport's `onerror` takes it. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
