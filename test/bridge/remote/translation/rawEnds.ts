import assert from 'node:assert/strict';
import type { ClientEnd, Manner } from '../../../../src/bridge/remote/clientEnd.ts';
import { parseMessages, type Message } from '../../../../src/mcp/message.ts';
import { until } from '../fixtures.ts';
import type { Json } from '../rawClient.ts';

/** A translator whose ends are in the hands of a test. */
export interface RawEnds {
  /** What the client was sent, as it was written. */
  readonly toClient: string[];
  /** What the server was sent. */
  readonly toServer: string[];
  /** How each of these was sent. */
  readonly manners: (Manner | undefined)[];
  fromClient(message: Json | string): void;
  fromServer(message: Json | string): void;
  /** Waits until one of them is there that has all of this in it. */
  find(among: readonly string[], ...parts: readonly string[]): Promise<Json>;
}

export function rawEnds(translator: (client: ClientEnd) => ClientEnd): RawEnds {
  const toClient: string[] = [];
  const toServer: string[] = [];
  const manners: (Manner | undefined)[] = [];
  let fromClient: ((message: Message) => Promise<unknown>) | undefined;
  const end = translator({
    listen({ onMessage }) {
      fromClient = onMessage;
    },
    isFull: () => false,
    send({ text }) {
      toClient.push(text);
    },
  });
  end.listen({
    onMessage({ text }, manner) {
      toServer.push(text);
      manners.push(manner);
      return Promise.resolve();
    },
    onDrain: () => undefined,
  });
  return {
    toClient,
    toServer,
    manners,
    fromClient(message) {
      void fromClient?.(read(message));
    },
    fromServer(message) {
      end.send(read(message));
    },
    async find(among, ...parts) {
      const find = () => among.find(text => parts.every(part => text.includes(part)));
      await until(() => find() !== undefined);
      return JSON.parse(find() ?? '') as Json;
    },
  };
}

function read(message: Json | string): Message {
  const [parsed] = parseMessages(typeof message === 'string' ? message : JSON.stringify(message));
  assert.ok(parsed);
  return parsed;
}
