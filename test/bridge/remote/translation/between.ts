import assert from 'node:assert/strict';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { ClientEnd } from '../../../../src/bridge/remote/clientEnd.ts';
import { toMessage, type Message } from '../../../../src/mcp/message.ts';

/** Either end of a pair of transports, of any version of the SDK. */
interface Pipe {
  onmessage?: ((message: never) => void) | undefined;
  start(): Promise<void>;
  send(message: never): Promise<void>;
}

/** What has passed on either side of a translator, in order. */
export interface Passed {
  /** What the client has sent and been sent. */
  readonly client: JSONRPCMessage[];
  /** What the server has been sent and has sent. */
  readonly server: JSONRPCMessage[];
}

/**
 * Puts a translator between the ends of two pipes, and nothing else. What a message says and how it is written must
 * always agree.
 */
export async function between(
  client: Pipe,
  server: Pipe,
  translator: (client: ClientEnd) => ClientEnd,
): Promise<Passed> {
  const passed: Passed = { client: [], server: [] };
  const end = translator({
    listen({ onMessage }) {
      client.onmessage = (message: JSONRPCMessage) => {
        passed.client.push(message);
        void onMessage(toMessage(message));
      };
    },
    isFull: () => false,
    send(message) {
      passed.client.push(checked(message));
      void client.send(checked(message) as never);
    },
  });
  end.listen({
    onMessage(message) {
      passed.server.push(checked(message));
      return server.send(checked(message) as never);
    },
    onDrain: () => undefined,
  });
  server.onmessage = (message: JSONRPCMessage) => {
    passed.server.push(message);
    end.send(toMessage(message));
  };
  await client.start();
  await server.start();
  return passed;
}

function checked({ text, content }: Message): JSONRPCMessage {
  const written = JSON.parse(text) as JSONRPCMessage;
  assert.deepEqual(written, JSON.parse(JSON.stringify(content)));
  return written;
}

/** The methods of requests and notifications among messages. */
export function methods(messages: readonly JSONRPCMessage[]): string[] {
  return messages.flatMap(message => ('method' in message ? [message.method] : []));
}
