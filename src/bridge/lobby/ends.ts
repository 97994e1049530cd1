import type { JSONRPCMessage } from '@modelcontextprotocol/server';

/** A message of a bridge, with its text or its line beside what it says. */
export interface Carried {
  readonly content: JSONRPCMessage;
}

/** The two ends that a lobby stands between, in the bridge's own kind of messages. */
export interface Ends<Message extends Carried> {
  /** Resolves when the server has it. Never rejects. */
  toServer(message: Message): Promise<void>;
  toClient(message: Message): void;
  /** A message of our own. */
  make(content: JSONRPCMessage): Message;
  /** The message under another id. */
  withId(message: Message, id: string): Message;
  /** All that it says; undefined where that is too long to be looked at. */
  whole(message: Message): JSONRPCMessage | undefined;
}
