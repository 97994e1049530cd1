import type { JSONRPCRequest, RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../../../common/log.ts';
import { answers, isId, isRequest, type Message } from '../../../../mcp/message.ts';
import { discoverResult } from '../handshake.ts';
import { withoutEra } from './heldCall.ts';
import { createLogFilter, isLevel } from './logFilter.ts';
import { errorAnswer, json, objectIn, resultAnswer } from '../messageParts.ts';
import { createModernCalls } from './modernCalls.ts';
import { wrongRequest } from './modernErrors.ts';
import { createModernSession, type Initialized } from './modernSession.ts';
import { createModernSubscriptions } from './modernSubscriptions.ts';
import { logLevels, metaKeys, rpcCodes } from '../../../../mcp/names.ts';
import { createPeer } from '../peer.ts';
import { rawOf, receiveRaw, sendRaw, type ClientTransport, type Manner } from '../../transport.ts';

/** The server that a client of the 2026 era is translated for. */
export interface ModernClientOptions {
  readonly url: Pick<URL, 'origin'>;
  readonly log: Log;
}

/** Stands before a client of the modern era, and speaks the legacy one with the bridge. */
export function createModernClient(
  client: ClientTransport,
  { url, log }: ModernClientOptions,
): ClientTransport {
  const toServer = async (message: Message, manner: Manner = {}) => receiveRaw(transport, message, manner);
  const toClient = (message: Message) => {
    void sendRaw(client, message);
  };
  /** Calls that wait for the server to be told what to log. */
  const preparing = new Set<RequestId>();
  const server = createPeer(toServer);
  const session = createModernSession({ server, toServer });
  const subscriptions = createModernSubscriptions({ server, toClient });
  const calls = createModernCalls({ toServer, toClient, serverInfo: () => session.known()?.serverInfo });
  const logged = createLogFilter({ server, underWay: calls.underWay });

  async function fromClient(message: Message): Promise<unknown> {
    const { content } = message;
    if (isRequest(content)) return fromCaller(message, content);
    if (!('method' in content)) {
      log.debug('The client answers what nobody has asked.');
      return undefined;
    }
    const { method, params } = content as { readonly method: string; readonly params?: unknown };
    if (method === 'notifications/cancelled') {
      const { requestId } = objectIn(params);
      return isId(requestId) ? cancel(requestId, withoutEra(message)) : undefined;
    }
    return method === 'notifications/initialized' ? undefined : toServer(withoutEra(message));
  }

  async function cancel(id: RequestId, message: Message): Promise<void> {
    if (preparing.delete(id) || session.cancel(id) || subscriptions.cancel(id)) return;
    await calls.cancel(id, message);
  }

  async function fromCaller(message: Message, request: JSONRPCRequest): Promise<void> {
    const { id, method, params } = request;
    const meta = objectIn(params, '_meta');
    const wrong = wrongRequest(method, meta[metaKeys.version]);
    if (wrong) {
      toClient(errorAnswer(id, wrong));
      return;
    }
    const outcome = await session.ready(request);
    if (!outcome) return;
    if ('error' in outcome) toClient(errorAnswer(id, outcome.error));
    else await inSession(message, request, outcome.initialized);
  }

  async function inSession(
    message: Message,
    request: JSONRPCRequest,
    { result, capabilities }: Initialized,
  ): Promise<void> {
    const { id, method, params } = request;
    if (method === 'server/discover') {
      toClient(resultAnswer(id, json(discoverResult(result))));
    } else if (method === 'subscriptions/listen') {
      await subscriptions.open(request, capabilities);
    } else {
      const level = objectIn(params, '_meta')[metaKeys.logLevel];
      if (level !== undefined && !isLevel(level)) {
        const words = l10n.t('The level must be one of: {0}.', logLevels.join(', '));
        toClient(errorAnswer(id, { code: rpcCodes.invalidParams, message: words }));
        return;
      }
      preparing.add(id);
      if (capabilities['logging']) await logged.before(level);
      if (preparing.delete(id)) await calls.begin(message);
    }
  }

  function fromServer(message: Message, by?: RequestId): void {
    const { content } = message;
    if (answers(content) !== undefined) {
      if (!server.take(message)) calls.answer(message);
    } else if (isRequest(content)) {
      if (content.method === 'ping') void toServer(resultAnswer(content.id, json({})));
      else calls.wants(message, by);
    } else if ('method' in content) {
      const passed = heard(message, content.method, by);
      if (passed) void sendRaw(client, passed, { relatedRequestId: by });
    }
  }

  /** A notification, as the client is to hear it; undefined where it has no use for it. */
  function heard(message: Message, method: string, by: RequestId | undefined): Message | undefined {
    const params = objectIn(message.content, 'params');
    if (method === 'notifications/progress') return calls.progressed(message);
    if (method === 'notifications/message') {
      return logged.passes(message, by === undefined ? undefined : calls.get(by)) ? message : undefined;
    }
    if (method === 'notifications/elicitation/complete') calls.complete(params['elicitationId']);
    else if (method === 'notifications/cancelled') calls.withdraw(params['requestId']);
    else if (method === 'notifications/tasks/status') log.debug(`${url.origin} tells of a task.`);
    else if (!subscriptions.pass(message)) return message;
    return undefined;
  }

  const transport: ClientTransport = {
    start() {
      client.onmessage = (content, info) => fromClient(rawOf(content, info));
      return client.start();
    },
    send(content, options) {
      fromServer(rawOf(content, options), options?.relatedRequestId);
      return Promise.resolve();
    },
    close: () => client.close(),
  };
  return transport;
}
