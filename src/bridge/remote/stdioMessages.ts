import { listenToLines } from '../../mcp/stdioLines.ts';
import { parseMessages, type Message } from '../../mcp/message.ts';
import { asError, rawOf, receiveRaw, type LineTransport } from './transport.ts';

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export function createStdioMessages(): LineTransport {
  const transport: LineTransport = {
    start() {
      listenToLines({
        onLine: hear,
        onTooLong: (beginning, end) => transport.ontoolong?.(beginning, end),
        onDrain: () => transport.ondrain?.(),
      });
      return Promise.resolve();
    },
    isFull: () => process.stdout.writableNeedDrain,
    send(message, options) {
      process.stdout.write(`${rawOf(message, options).text}\n`);
      return Promise.resolve();
    },
    close() {
      process.stdin.pause();
      transport.onclose?.();
      return Promise.resolve();
    },
  };
  return transport;

  async function hear(line: Buffer): Promise<void> {
    const onOther = (error: unknown) => transport.onerror?.(asError(error));
    let messages: Message[];
    try {
      const text = line.toString();
      messages = text.trim() === '' ? [] : parseMessages(text, onOther);
    } catch (error) {
      onOther(error);
      return;
    }
    const [message] = messages;
    if (messages.length === 1 && message) await receiveRaw(transport, message);
    else await Promise.all(messages.map(each => receiveRaw(transport, each)));
  }
}
