import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { Log } from '../../../../common/log.ts';
import { newestVersion } from '../../eras/era.ts';
import { answers, isId, isRequest, type Message } from '../../../../mcp/message.ts';
import { metaOf } from '../handshake.ts';
import { createLegacyAnswers } from './legacyAnswers.ts';
import { createLegacyCalls, type LegacyCallsOptions } from './legacyCalls.ts';
import type { InputRoundsOptions } from './inputRounds.ts';
import { createListening } from './listening.ts';
import { json, objectIn, withMembers } from '../messageParts.ts';
import { metaKeys } from '../../../../mcp/names.ts';
import { createPeer } from '../peer.ts';
import { rawOf, receiveRaw, sendRaw, type ClientTransport } from '../../transport.ts';

/** The server that a client of the 2025 era is translated for. */
export interface LegacyClientOptions
  extends Pick<LegacyCallsOptions, 'quietFor'>, Pick<InputRoundsOptions, 'pauses'> {
  /** The result of the server's `server/discover`; nobody has checked it. */
  readonly discovered: Readonly<Record<string, unknown>>;
  readonly url: URL;
  readonly log: Log;
}

/**
 * Notifications that a modern server has no use for: it asks for the roots with each call that needs them, and hears
 * no progress of what it asks.
 */
const unneeded: readonly string[] = [
  'notifications/initialized',
  'notifications/roots/list_changed',
  'notifications/progress',
  'notifications/tasks/status',
];

/** Stands before a client of the legacy era, and speaks the modern one with the bridge. */
export function createLegacyClient(
  client: ClientTransport,
  { discovered, url, log, quietFor, pauses }: LegacyClientOptions,
): ClientTransport {
  let initialize: JSONRPCRequest | undefined;
  let logLevel: string | undefined;

  const meta = (): Readonly<Record<string, unknown>> => ({
    ...metaOf(initialize),
    ...(logLevel !== undefined && { [metaKeys.logLevel]: logLevel }),
  });
  const toServer = async (message: Message) => receiveRaw(transport, message);
  const toClient = (message: Message) => {
    void sendRaw(client, message);
  };
  /** Requests of ours, to either end. */
  const server = createPeer((message, manner) => receiveRaw(transport, message, manner));
  const asked = createPeer(toClient);
  const listening = createListening({
    server,
    capabilities: objectIn(discovered, 'capabilities'),
    meta,
    log,
  });
  const calls = createLegacyCalls({
    toServer,
    toClient,
    rounds: () => ({
      client: asked,
      capabilities: objectIn(meta(), metaKeys.clientCapabilities),
      pauses,
    }),
    quietFor,
  });
  const isAnswered = createLegacyAnswers({
    toClient,
    discovered,
    host: url.host,
    listening,
    onInitialize(request) {
      initialize = request;
    },
    onLogLevel(level) {
      logLevel = level;
    },
  });

  async function fromClient(message: Message): Promise<unknown> {
    const { content } = message;
    if (isRequest(content)) return isAnswered(content) ? undefined : calls.begin(withMeta(message));
    if (!('method' in content)) {
      if (!asked.take(message)) log.debug('The client answers what nobody has asked.');
      return undefined;
    }
    const { method, params } = content;
    if (method === 'notifications/initialized') listening.begin();
    if (unneeded.includes(method)) return undefined;
    if (method !== 'notifications/cancelled') return toServer(message);
    const { requestId } = objectIn(params);
    return isId(requestId) ? calls.cancel(requestId, message) : undefined;
  }

  /** What every request of the modern era carries. */
  function withMeta(message: Message): Message {
    const members = Object.entries(meta()).map(([name, value]) => [name, json(value)] as const);
    return withMembers(message, ['params', '_meta'], Object.fromEntries(members));
  }

  function fromServer(message: Message): void {
    const { content } = message;
    if (answers(content) !== undefined) {
      if (!server.take(message)) calls.answer(message);
    } else if (isRequest(content)) {
      log.debug(`The server asks by itself, which MCP ${newestVersion} has no way for.`);
    } else if (!listening.take(message)) {
      toClient(calls.counted(message));
    }
  }

  const transport: ClientTransport = {
    start() {
      client.onmessage = (content, info) => fromClient(rawOf(content, info));
      return client.start();
    },
    send(content, options) {
      fromServer(rawOf(content, options));
      return Promise.resolve();
    },
    close: () => client.close(),
  };
  return transport;
}
