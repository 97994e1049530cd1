import { clientGone } from '../../mcp/clientGone.ts';
import { listenToLines } from '../../mcp/stdioLines.ts';
import { parseMessages, type Message } from '../../mcp/message.ts';
import { asError, rawOf, receiveRaw, type LineTransport } from './transport.ts';

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export function createStdioMessages(): LineTransport {
  const transport: LineTransport = {
    start() {
      listenToLines({
        onLine: line => hearLine(transport, line.toString()),
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
    gone: clientGone,
  };
  return transport;
}

/** Has a bridge hear a line of its client. Resolves when the server has it. Never rejects. */
export async function hearLine(transport: LineTransport, text: string): Promise<void> {
  const onOther = (error: unknown) => transport.onerror?.(asError(error));
  let messages: Message[];
  try {
    messages = text.trim() === '' ? [] : parseMessages(text, onOther);
  } catch (error) {
    onOther(error);
    return;
  }
  const [message] = messages;
  if (messages.length === 1 && message) await receiveRaw(transport, message);
  else await Promise.all(messages.map(each => receiveRaw(transport, each)));
}
