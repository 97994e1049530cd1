import { listenToLines } from '../../mcp/stdioLines.ts';
import type { ClientEnd, LineClient } from './clientEnd.ts';
import { parseMessages, type Message } from '../../mcp/message.ts';

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export const stdioMessages: ClientEnd<LineClient> = {
  listen({ onMessage, onMistake, onTooLong, onDrain }) {
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
        else await Promise.all(messages.map(each => onMessage(each)));
      },
      onTooLong,
      onDrain,
    });
  },
  isFull: () => process.stdout.writableNeedDrain,
  send({ text }) {
    process.stdout.write(`${text}\n`);
  },
};
