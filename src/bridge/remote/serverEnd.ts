import type { RequestId } from '@modelcontextprotocol/server';
import type { Log } from '../../common/log.ts';
import type { AuthorizedRequest } from './authorizedRequest.ts';
import type { Intake } from '../../mcp/intake.ts';
import type { Message } from '../../mcp/message.ts';
import type { Call } from './remote.ts';

/** A remote server, and what hears from it, whichever era it is of. */
export interface ServerEndOptions {
  readonly url: URL;
  readonly request: AuthorizedRequest;
  readonly intake: Intake;
  readonly log: Log;
  /** Must not throw. What comes has a method or an id. @param by the call whose own stream it came by */
  onMessage(message: Message, by?: RequestId): void;
  /** What came is no message. */
  onNonsense(error: unknown): void;
  /** The answer of that call will not come any more. */
  onAnswerLost(id: RequestId, why: string): void;
  /** That call was sent again, and refused. */
  onRefused(id: RequestId, error: unknown): void;
}

/** A remote server for as long as its client is there, whatever becomes of the server. */
export interface ServerEnd {
  /**
   * Begins with the client's `initialize`, where servers of that era know it.
   * @throws Error, for `explain`, where the server cannot be reached or refuses
   */
  begin(message: Message, call: Call): Promise<void>;
  /**
   * Sends a message, in a new session where the server has forgotten the one there was.
   * @throws Error, for `explain`, where the server cannot be reached or refuses
   */
  deliver(message: Message, call?: Call): Promise<void>;
  /** Tells the server that the client is gone. */
  terminate(): Promise<void>;
}
