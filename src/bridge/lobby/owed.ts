import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { isObject } from '../../common/isObject.ts';
import type { RpcError } from '../../mcp/answer.ts';
import { createMemoryOf } from '../../mcp/clientMemory.ts';
import { isRequest } from '../../mcp/message.ts';
import type { Carried } from './ends.ts';
import { RefusedError } from './ownRequests.ts';

/** How what is owed gets to the server. */
export interface OwedOptions<Message extends Carried> {
  /** Says it as a request of our own. @returns the answer */
  send(message: Message): Promise<JSONRPCMessage>;
  /** Passes it on. Never rejects. */
  pass(message: Message): Promise<void>;
  /** Hears the result of `initialize`. */
  onInitialized(result: Readonly<Record<string, unknown>>): void;
  /** The server takes its time to begin. */
  onSlow(): void;
}

/** How long (ms) the server may take to begin before anybody hears so. */
const quietFor = 2_000;

/** What the client has said, and was answered by us: the server is to hear it before anything else. */
export function createOwed<Message extends Carried>(options: OwedOptions<Message>) {
  const none = () => createMemoryOf(({ content }: Message) => content);
  let owed = none();

  async function begin(message: Message): Promise<void> {
    const timer = setTimeout(options.onSlow, quietFor);
    try {
      const { result, error } = (await options.send(message)) as {
        readonly result?: unknown;
        readonly error?: RpcError;
      };
      if (error) throw new RefusedError(error);
      if (isObject(result)) options.onInitialized(result);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    remember(message: Message): void {
      owed.remember(message);
    },
    isAny: (): boolean => owed.messages().length > 0,
    /** Whether the server has not heard `initialize`, so that it must not hear anything else. */
    hasInitialize: (): boolean =>
      owed.messages().some(({ content }) => 'method' in content && content.method === 'initialize'),
    /** Says it all to the server. @throws RefusedError where it does not take `initialize`; then it stays owed */
    async tell(): Promise<void> {
      const said = new Set<Message>();
      const next = () => owed.messages().find(message => !said.has(message));
      for (let message; (message = next());) {
        said.add(message);
        const { content } = message;
        if (!isRequest(content)) await options.pass(message);
        else if (content.method === 'initialize') await begin(message);
        else void options.send(message).catch(() => undefined);
      }
      owed = none();
    },
  };
}
