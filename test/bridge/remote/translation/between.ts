import assert from 'node:assert/strict';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { rawOf, sendRaw, type ClientTransport } from '../../../../src/bridge/remote/transport.ts';
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
  translator: (client: ClientTransport) => ClientTransport,
): Promise<Passed> {
  const passed: Passed = { client: [], server: [] };
  const inner: ClientTransport = {
    async start() {
      client.onmessage = (message: JSONRPCMessage) => {
        passed.client.push(message);
        inner.onmessage?.(message);
      };
    },
    async send(message, options) {
      const text = checked(rawOf(message, options));
      passed.client.push(text);
      await client.send(text as never);
    },
    close: () => Promise.resolve(),
  };
  const end = translator(inner);
  end.onmessage = (message, info) => {
    const text = checked(rawOf(message, info));
    passed.server.push(text);
    return server.send(text as never);
  };
  await end.start();
  server.onmessage = (message: JSONRPCMessage) => {
    passed.server.push(message);
    void sendRaw(end, toMessage(message));
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
