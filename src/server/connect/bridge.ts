import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, JSONRPCRequest, RequestId } from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { isAuthError } from '../../auth/errors.ts';
import type { Log } from '../../auth/log.ts';
import type { TokenSource } from '../../auth/tokenSource.ts';
import { clientGone } from '../stdio.ts';
import { waitingProgress } from '../waitingProgress.ts';
import { authorizedFetch, currentCall } from './authorizedFetch.ts';
import { ignoredTools } from './ignoredTools.ts';

export interface ConnectOptions {
  readonly url: URL;
  readonly tokenSource: TokenSource;
  /** Headers of the person's own, for that origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** `http` is Streamable HTTP; `sse` the transport it replaced (MCP specification 2024-11-05). */
  readonly transport: 'http' | 'sse';
  /** Names of tools to hide and refuse; `*` stands for any characters. */
  readonly ignoreTools: readonly string[];
  readonly log: Log;
}

/** A request of the client that the server has not answered yet. */
interface Call {
  readonly request: JSONRPCRequest;
  readonly stop: AbortController;
}

/** Waits (ms) between tries to reach a server that refuses connections, as while it restarts. */
const backOff = [250, 500, 1_000, 2_000, 4_000];
/** How long (ms) the server's own stream may take to stand; not every server has one. */
const listeningLimit = 2_000;
/** How long (ms) an answer may still come by resumption after its stream has broken. */
const resumptionLimit = 15_000;

/**
 * Passes every message between a client on stdio and a remote server, unchanged, each request with a token
 * that is good now. When the server has restarted or forgotten the session, it is initialised again as the
 * client did. Ends when the client goes away.
 */
export async function connect(options: ConnectOptions): Promise<void> {
  const { url, log } = options;
  const local = new StdioServerTransport();
  const tools = ignoredTools(options.ignoreTools);
  const calls = new Map<RequestId, Call>();
  let initialize: JSONRPCRequest | undefined;
  let initialized: JSONRPCMessage | undefined;
  let listening: Promise<undefined>;
  let reopening: Promise<void> | undefined;
  /** Nothing may overtake `initialized`: the server's own stream begins with it. */
  let opening = Promise.resolve();
  let remote = await open();

  local.onmessage = message => {
    if ('method' in message && message.method === 'notifications/initialized') {
      initialized = message;
      opening = begin(message);
    } else {
      void opening.then(() => fromClient(message));
    }
  };
  local.onerror = error => {
    log.warn(String(error));
  };
  const over = clientGone();
  await local.start();
  await over;
  await end();

  async function open(): Promise<Transport> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    listening = promise;
    const plain = authorizedFetch({ ...options, onStreamEnd });
    const fetch: typeof plain = (target, init) => {
      const answer = plain(target, init);
      if (init?.method === 'GET') void answer.catch(() => undefined).then(() => resolve(undefined));
      return answer;
    };
    const transport: Transport =
      options.transport === 'sse'
        ? new (await import('@modelcontextprotocol/sdk/client/sse.js')).SSEClientTransport(url, { fetch })
        : new StreamableHTTPClientTransport(url, {
            fetch,
            reconnectionOptions: {
              initialReconnectionDelay: 250,
              maxReconnectionDelay: 10_000,
              reconnectionDelayGrowFactor: 1.5,
              maxRetries: 100,
            },
          });
    transport.onmessage = message => {
      void toClient(message);
    };
    transport.onerror = error => {
      log.debug(String(error));
    };
    if (options.transport === 'http') await transport.start();
    return transport;
  }

  async function toClient(message: JSONRPCMessage): Promise<void> {
    if ('id' in message && message.id !== undefined && !('method' in message)) {
      const call = calls.get(message.id);
      calls.delete(message.id);
      if (call && 'result' in message) {
        const version = message.result['protocolVersion'];
        if (call.request.method === 'initialize' && typeof version === 'string')
          remote.setProtocolVersion?.(version);
        if (call.request.method === 'tools/list')
          message = { ...message, result: tools.without(message.result) };
      }
    }
    await local.send(message);
  }

  async function fromClient(message: JSONRPCMessage): Promise<void> {
    if (!('method' in message)) {
      await deliver(message).catch(lost);
    } else if ('id' in message) {
      await callServer(message);
    } else {
      if (message.method === 'notifications/cancelled') {
        calls.get(message.params?.['requestId'] as RequestId)?.stop.abort();
      }
      await deliver(message).catch(lost);
    }
  }

  /** What the server asks before its own stream stands would be lost, so that stream comes first. */
  async function begin(message: JSONRPCMessage): Promise<void> {
    await deliver(message).catch(lost);
    if (options.transport === 'sse') return;
    await Promise.race([listening, new Promise(resolve => setTimeout(resolve, listeningLimit))]);
  }

  async function callServer(request: JSONRPCRequest): Promise<void> {
    if (request.method === 'initialize') initialize = request;
    if (request.method === 'tools/call' && tools.has(String(request.params?.['name']))) {
      await fail(request.id, l10n.t('The tool {0} is turned off here.', String(request.params?.['name'])));
      return;
    }
    const call: Call = { request, stop: new AbortController() };
    calls.set(request.id, call);
    const waiting = waitingProgress({
      _meta: request.params?._meta,
      sendNotification: notification => local.send({ jsonrpc: '2.0', ...notification } as JSONRPCMessage),
    });
    try {
      await currentCall.run({ id: request.id, signal: call.stop.signal, onProgress: waiting.tell }, () =>
        deliver(request),
      );
    } catch (error) {
      if (calls.delete(request.id) && !call.stop.signal.aborted) {
        await fail(request.id, [explain(error, url), waiting.last].filter(Boolean).join('\n'));
      }
    } finally {
      waiting.stop();
    }
  }

  /** Sends a message, again where the server was not there yet or has forgotten the session. */
  async function deliver(message: JSONRPCMessage): Promise<void> {
    let reopened = false;
    for (let tries = 0; ; tries++) {
      const used = remote;
      try {
        if (options.transport === 'sse' && message === initialize) await used.start();
        await used.send(message);
        return;
      } catch (error) {
        const wait = backOff[tries];
        if (wait !== undefined && isRefused(error)) {
          await new Promise(resolve => setTimeout(resolve, wait));
        } else if (!reopened && isForgotten(error) && message !== initialize) {
          reopened = true;
          if (used === remote) await (reopening ??= reopen().finally(() => (reopening = undefined)));
        } else {
          throw error;
        }
      }
    }
  }

  /** Begins a new session with what the client said when it began its own. */
  async function reopen(): Promise<void> {
    if (!initialize) return;
    log.info(`${url.origin} has forgotten the session; a new one is begun.`);
    await remote.close();
    remote = await open();
    const begun = remote;
    const id = `omnispindle-${String(Date.now())}`;
    const pass = begun.onmessage;
    const answered = new Promise<void>((resolve, reject) => {
      begun.onmessage = (message, extra) => {
        if ('id' in message && message.id === id) {
          begun.onmessage = pass;
          if ('result' in message) {
            begun.setProtocolVersion?.(String(message.result['protocolVersion']));
            resolve();
          } else reject(new Error(l10n.t('{0} refused a new session.', url.origin)));
        } else pass?.(message, extra);
      };
    });
    await begun.send({ ...initialize, id });
    await answered;
    if (initialized) await begin(initialized);
  }

  /** A stream that ends without its answer is resumed if the server can; else the client must not wait on. */
  function onStreamEnd(id: RequestId): void {
    const call = calls.get(id);
    if (!call) return;
    const timer = setTimeout(() => {
      if (calls.get(id) !== call) return;
      calls.delete(id);
      void fail(id, l10n.t('The connection to {0} was lost before the answer came. Try again.', url.origin));
    }, resumptionLimit);
    timer.unref();
  }

  function fail(id: RequestId, message: string): Promise<void> {
    return local.send({ jsonrpc: '2.0', id, error: { code: -32_000, message } });
  }

  function lost(error: unknown): void {
    log.warn(explain(error, url));
  }

  async function end(): Promise<void> {
    if (remote instanceof StreamableHTTPClientTransport) {
      await Promise.race([
        remote.terminateSession().catch(() => undefined),
        new Promise(resolve => setTimeout(resolve, 2_000)),
      ]);
    }
    await remote.close();
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof StreamableHTTPError && error.code === 404;
}

function isRefused(error: unknown): boolean {
  const cause =
    error instanceof Error ? (error.cause as { code?: unknown; errors?: unknown } | undefined) : undefined;
  return cause?.code === 'ECONNREFUSED';
}

function explain(error: unknown, url: URL): string {
  if (isAuthError(error)) return error.message;
  const status = error instanceof StreamableHTTPError ? error.code : undefined;
  if (status === 401)
    return l10n.t('{0} does not accept the token, a new one either. Is it for that API?', url.origin);
  if (status === 403) return l10n.t('{0} does not allow this to the signed-in account.', url.origin);
  if (status !== undefined)
    return l10n.t('{0} answered with status {1}. Try again in a moment.', url.origin, String(status));
  if (error instanceof TypeError)
    return l10n.t('{0} could not be reached. Check the network and the address, then try again.', url.origin);
  return error instanceof Error ? error.message : String(error);
}
