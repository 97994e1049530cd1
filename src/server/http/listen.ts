import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import * as l10n from '@vscode/l10n';
import { codeOf, OmnispindleError } from '../../common/errors.ts';
import type { HttpServerApp } from './app.ts';
import { refuse } from './answers.ts';

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long (ms) what is under way may take when it is to end. */
  readonly stopLimit: number;
  /** How long (ms) a request may take to arrive; {@link arrivalLimits} where absent. */
  readonly limits?: ArrivalLimits;
}

/** How long (ms) headers, and then the whole request, may take to arrive, and how often that is looked at. */
interface ArrivalLimits {
  readonly headers: number;
  readonly request: number;
  readonly checkEvery: number;
}

/** A server that listens. */
export interface Listening {
  /** `http://host:port`. */
  readonly url: string;
  /**
   * Says by `/readyz` that it ends; then takes no new connection, finishes what is under way within its time, and ends
   * the rest.
   * @param noticed until when requests are still taken: a balancer that has not noticed yet may have just sent one
   * @returns whether all was finished
   */
  close(noticed?: Promise<unknown>): Promise<boolean>;
}

/** Largest headers of a request (bytes), with its address; a token takes 1 to 2 kB. */
const largestHeaders = 16_384;
/** Most headers of a request. */
const mostHeaders = 100;
/** Who sends slowly must not hold a place for long. */
const arrivalLimits: ArrivalLimits = { headers: 10_000, request: 30_000, checkEvery: 1_000 };
/** How long (ms) a connection is kept for another request; longer than the 60 s of common balancers, which else use one that we are just closing. */
const keptAlive = 65_000;
/** How long (ms) a connection may say nothing, and take nothing; streams say something every 15 s. */
const silence = 120_000;
/** Most connections at a time. */
const mostConnections = 4_096;

/**
 * Serves an app by HTTP/1.1. Who is slow is answered 408, and whose headers are too large 431.
 * @throws OmnispindleError `port_in_use` where another program listens there, `invalid_settings` where it cannot be listened at
 */
export async function listen(
  app: HttpServerApp,
  { host, port, stopLimit, limits = arrivalLimits }: ListenOptions,
): Promise<Listening> {
  const server = createAdaptorServer({
    async fetch(request, env) {
      const { incoming } = env as { incoming?: IncomingMessage };
      if ((incoming?.rawHeaders.length ?? 0) > 2 * mostHeaders) {
        return refuse(431, `A request may have ${String(mostHeaders)} headers.`);
      }
      // Node.js takes others for chunked, and what is packed for what it is not (RFC 9112 section 6.1).
      if (!/^chunked$/i.test(incoming?.headers['transfer-encoding'] ?? 'chunked')) {
        return refuse(501, 'Send the body as it is, or in chunks.');
      }
      return app.fetch(request, env as Parameters<HttpServerApp['fetch']>[1]);
    },
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: largestHeaders,
      headersTimeout: limits.headers,
      requestTimeout: limits.request,
      keepAliveTimeout: keptAlive,
      connectionsCheckingInterval: limits.checkEvery,
    },
  }) as Server;
  // Else Node.js leaves the rest out, and says nothing.
  server.maxHeadersCount = 0;
  server.maxConnections = mostConnections;
  server.setTimeout(silence);
  const answers = followAnswers(server);
  await listening(server, host, port);
  const { port: taken } = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(taken)}`,
    async close(noticed) {
      app.beginStop();
      await noticed;
      const over = new AbortController();
      const isLate = delay(stopLimit, true, { signal: over.signal }).catch(() => true);
      const isInTime = (work: Promise<void>) =>
        Promise.race([work.then(() => true), isLate.then(() => false)]);
      const closed = new Promise<void>(resolve => {
        server.close(() => {
          resolve();
        });
      });
      const isWhole = await isInTime(app.idle());
      // Ends the streams of news, which are answers, too.
      await app.close();
      const isSent = await isInTime(answers.sent());
      over.abort();
      // What is left says nothing.
      server.closeAllConnections();
      await closed;
      return isWhole && isSent;
    },
  };
}

/** Follows the answers of a server until they have gone out. */
function followAnswers(server: Server): { sent(): Promise<void> } {
  const open = new Set<ServerResponse>();
  let told: (() => void) | undefined;
  server.on('request', (_request, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) told?.();
    });
  });
  return {
    sent: () =>
      new Promise(resolve => {
        told = resolve;
        if (open.size === 0) resolve();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      reject(notListening(error, host, port));
    });
    server.listen({ host, port }, () => resolve());
  });
}

function notListening(error: Error, host: string, port: number): OmnispindleError {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new OmnispindleError(
      'port_in_use',
      l10n.t(
        'Another program listens at {0}, port {1}. Stop it, or name another port: --port, or OMNISPINDLE_PORT.',
        host,
        String(port),
      ),
    );
  }
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'It is not possible to listen at {0}, port {1} ({2}). Name another address or port: --host, --port.',
      host,
      String(port),
      code,
    ),
  );
}
