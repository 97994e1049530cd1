import type { RequestId } from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { AuthorizedRequest, Outgoing, Waiting } from './authorizedRequest.ts';
import type { Intake } from '../../mcp/intake.ts';
import type { Message } from '../../mcp/message.ts';

/** A request that has no answer yet. */
export interface Call {
  readonly id: RequestId;
  readonly method: string;
  readonly waiting?: Waiting;
  /** Nobody waits for this one: it must not lead to a sign-in. */
  readonly unattended?: boolean;
  /** Aborted when its answer is of no use any more. */
  readonly ended: AbortSignal;
  /** Whether the server may have begun with it. */
  sent: boolean;
  /** Whether something of its answer came already, so that the server has begun with it. */
  begun?: boolean;
}

/** A session with a remote server, by one of the protocol's transports. */
export interface Remote {
  /**
   * Sends a message. Resolves when the server has taken it; the answer comes when it comes.
   * @throws RemoteError where the server refuses it
   */
  send(message: Message, call?: Call): Promise<void>;
  /** The version of the protocol that both ends agreed on. */
  setVersion(version: string): void;
  /** Tells the server that the client is gone. */
  terminate(): Promise<void>;
  /** Stops listening. What is under way may still be answered. */
  close(): void;
}

/** A remote server, and what hears from it; the same for each transport. */
export interface RemoteOptions {
  readonly url: URL;
  readonly request: AuthorizedRequest;
  readonly intake: Intake;
  readonly log: Log;
  /** Must not throw: it is called where nobody would catch it. @param by the call whose own stream it came by */
  onMessage(message: Message, by?: RequestId): void;
  /** What came is no message. */
  onNonsense(error: unknown): void;
  /** The answer of that call will not come any more. */
  onAnswerLost(id: RequestId, why?: unknown): void;
  /** The server does not know the session any more. */
  onSessionLost(): void;
}

/** How a message is sent on behalf of a call, which learns whether the server may have begun with it. */
export function forCall(
  call: Call | undefined,
): Pick<Outgoing, 'waiting' | 'unattended' | 'signal' | 'onSent'> {
  return {
    waiting: call?.waiting,
    unattended: call?.unattended,
    signal: call?.ended,
    onSent: sent => {
      if (call) call.sent = sent;
    },
  };
}

/** That what answered does not speak the Streamable HTTP transport. */
export class NotStreamableError extends Error {
  override readonly name = 'NotStreamableError';
}

/** That a server does not speak the HTTP+SSE transport. */
export class NoEndpointError extends Error {
  override readonly name = 'NoEndpointError';
}
