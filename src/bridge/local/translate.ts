import type { Log } from '../../common/log.ts';
import type { Message } from '../../mcp/message.ts';
import { createModernClient } from '../remote/translation/modernClient/modernClient.ts';
import { rawOf, receiveRaw, sendRaw, type ClientTransport } from '../remote/transport.ts';
import { readLineMessages, type LineMessage } from './lineMessage.ts';

/** The two ends, and who the server is. */
export interface TranslateOptions {
  readonly name: string;
  readonly log: Log;
  /** Hears a line in the server's own era. Never rejects. */
  toServer(line: Buffer): Promise<void>;
  /** Hears a message in the client's era. */
  toClient(message: LineMessage): void;
}

/** A client of the 2026 era, and a server of the one before. */
export interface Translation {
  /** Brings to the server what the client says. Never rejects. */
  toServer(message: LineMessage): Promise<void>;
  /** Brings to the client what the server says. */
  toClient(message: LineMessage): void;
}

/** Stands between a client that was promised the 2026 era and a local server that turned out not to speak it. */
export async function translate({ name, log, toServer, toClient }: TranslateOptions): Promise<Translation> {
  const client: ClientTransport = {
    start: () => Promise.resolve(),
    send(content, given) {
      for (const message of readLineMessages(Buffer.from(rawOf(content, given).text))) toClient(message);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const translator = createModernClient(client, { url: { origin: name }, log });
  translator.onmessage = (content, info) => toServer(Buffer.from(rawOf(content, info).text));
  await translator.start();
  return {
    async toServer(message) {
      await receiveRaw(client, messageOf(message));
    },
    toClient(message) {
      void sendRaw(translator, messageOf(message));
    },
  };
}

function messageOf({ line, whole }: LineMessage): Message {
  return { text: line.toString(), content: whole() };
}
