import { listenToLines } from '../stdioLines.ts';
import { parseMessages, type Message } from './message.ts';

/** The client's end. */
export interface Client {
  /** A message; resolves when the server has it. Must not reject. */
  onMessage(message: Message): Promise<unknown>;
  /** A line that is no message. */
  onMistake(error: unknown): void;
  /** A message of more than 32 MB: its beginning and its end. */
  onTooLong(beginning: string, end: string): void;
  /** The client reads again. */
  onDrain(): void;
}

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export const stdioMessages = {
  /** Hears every message of the client from now on, no faster than the server takes them. */
  listen({ onMessage, onMistake, onTooLong, onDrain }: Client): void {
    listenToLines({
      async onLine(line) {
        let messages: Message[];
        try {
          const text = line.toString();
          messages = text.trim() === '' ? [] : parseMessages(text, onMistake);
        } catch (error) {
          onMistake(error);
          return;
        }
        const [message] = messages;
        if (messages.length === 1 && message) await onMessage(message);
        else await Promise.all(messages.map(onMessage));
      },
      onTooLong,
      onDrain,
    });
  },
  /** Whether the client must read before more can be sent. */
  isFull: (): boolean => process.stdout.writableNeedDrain,
  send({ text }: Pick<Message, 'text'>): void {
    process.stdout.write(`${text}\n`);
  },
};
