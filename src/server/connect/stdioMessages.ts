import { longestMessage } from './intake.ts';
import { readLines } from './lineReader.ts';
import { parseMessages, type Message } from './message.ts';

/** The client's end. */
export interface Client {
  /** A message; resolves when the server has it. Must not reject. */
  onMessage(message: Message): Promise<unknown>;
  /** A line that is no message. */
  onMistake(error: unknown): void;
  /** A message of more than {@link longestMessage}: its beginning and its end. */
  onTooLong(beginning: string, end: string): void;
  /** The client reads again. */
  onDrain(): void;
}

/** How much (bytes) of the client's may wait for the server before the client must wait, too. */
const mostWaiting = 2 * longestMessage;
/**
 * Between two looks (ms) at a client that waits: that one is gone shows only when everything it wrote was read.
 * Twice as much may wait for that.
 */
const lookEvery = 500;

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export const stdioMessages = {
  /** Hears every message of the client from now on, no faster than the server takes them. */
  listen({ onMessage, onMistake, onTooLong, onDrain }: Client): void {
    let waiting = 0;
    let isPaused = false;
    let look: NodeJS.Timeout | undefined;

    const most = () => Math.max(waiting, process.stdout.writableLength);

    function goOn(): void {
      if (!isPaused) return;
      clearTimeout(look);
      isPaused = false;
      process.stdin.resume();
    }

    async function pass(line: string, bytes: number): Promise<void> {
      let messages: Message[];
      try {
        messages = parseMessages(line);
      } catch (error) {
        onMistake(error);
        return;
      }
      waiting += bytes;
      const [message] = messages;
      if (messages.length === 1 && message) await onMessage(message);
      else await Promise.all(messages.map(onMessage));
      waiting -= bytes;
      if (most() <= mostWaiting) goOn();
    }

    const read = readLines({
      onLine(line, bytes) {
        if (line.trim() !== '') void pass(line, bytes);
      },
      onTooLong,
    });
    process.stdin.on('data', (chunk: Buffer) => {
      read(chunk);
      if (most() <= mostWaiting) return;
      isPaused = true;
      process.stdin.pause();
      if (most() <= 2 * mostWaiting) look = setTimeout(goOn, lookEvery);
    });
    process.stdout.on('drain', () => {
      goOn();
      onDrain();
    });
  },
  /** Whether the client must read before more can be sent. */
  isFull: (): boolean => process.stdout.writableNeedDrain,
  send({ text }: Pick<Message, 'text'>): void {
    process.stdout.write(`${text}\n`);
  },
};
