import { parseMessages, type Message } from './message.ts';

/** The client's end (MCP specification, "stdio"): messages are lines, and nothing else goes to stdout. */
export const stdioMessages = {
  /** Hears every message of the client from now on, and every line that is none. */
  listen(onMessage: (message: Message) => void, onMistake: (error: unknown) => void): void {
    let rest = '';
    process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
      let start = 0;
      for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
        const line = rest + chunk.slice(start, end);
        rest = '';
        if (line.trim() !== '') read(line);
      }
      rest += chunk.slice(start);
    });

    function read(line: string): void {
      try {
        for (const message of parseMessages(line)) onMessage(message);
      } catch (error) {
        onMistake(error);
      }
    }
  },
  send({ text }: Pick<Message, 'text'>): void {
    process.stdout.write(`${text}\n`);
  },
};
