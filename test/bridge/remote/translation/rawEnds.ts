import assert from 'node:assert/strict';
import {
  rawOf,
  receiveRaw,
  sendRaw,
  type ClientTransport,
  type Manner,
} from '../../../../src/bridge/remote/transport.ts';
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

export function rawEnds(translator: (client: ClientTransport) => ClientTransport): RawEnds {
  const toClient: string[] = [];
  const toServer: string[] = [];
  const manners: (Manner | undefined)[] = [];
  const client: ClientTransport = {
    start: () => Promise.resolve(),
    async send(message, options) {
      toClient.push(rawOf(message, options).text);
    },
    close: () => Promise.resolve(),
  };
  const end = translator(client);
  end.onmessage = (message, info) => {
    const { raw, ...manner } = info ?? {};
    toServer.push(rawOf(message, { raw }).text);
    manners.push(manner);
  };
  void end.start();
  return {
    toClient,
    toServer,
    manners,
    fromClient(message) {
      void receiveRaw(client, read(message));
    },
    fromServer(message) {
      void sendRaw(end, read(message));
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
