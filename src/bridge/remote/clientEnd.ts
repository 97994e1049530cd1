import type { RequestId } from '@modelcontextprotocol/server';
import type { Message } from '../../mcp/message.ts';

/** How a message is sent. */
export interface Manner {
  /** Nobody waits for its answer: it must not lead to a sign-in. */
  readonly unattended?: boolean;
  /** Under which token the client hears what it waits for, where the message does not say. */
  readonly progressToken?: RequestId;
}

/** Who hears what a client says. */
export interface Client {
  /** A message; resolves when the server has it. Must not reject. */
  onMessage(message: Message, manner?: Manner): Promise<unknown>;
  /** The client reads again. */
  onDrain(): void;
}

/** Who hears the client itself. */
export interface LineClient extends Client {
  /** A line that is no message. */
  onMistake(error: unknown): void;
  /** A message of more than 32 MB: its beginning and its end. */
  onTooLong(beginning: string, end: string): void;
}

/**
 * The client's end of a bridge: the client itself, or what stands before it and speaks another revision of the
 * protocol with it than with the bridge.
 */
export interface ClientEnd<Listener = Client> {
  /** Has every message of the client heard from now on, no faster than the server takes them. To be called once. */
  listen(client: Listener): void;
  /** Whether the client must read before more can be sent. */
  isFull(): boolean;
  /**
   * Sends a message to the client.
   * @param by the call whose own stream it came by, where it did
   */
  send(message: Message, by?: RequestId): void;
}
