import type { Agent, ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { directAgent } from './directAgent.ts';
import { connectLimit } from './connectFirst.ts';
import { createIdleSockets, longestIdle } from './idleSockets.ts';
import { proxyFor } from './proxy.ts';

/** A request as it is sent; its body is text, because all that we send is JSON or a form. */
interface Sent {
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether nothing happens twice where the server gets it twice. */
  readonly repeatable: boolean;
}

/** How a route treats its connections. */
export interface RouteOptions {
  /** Whether connections are kept for the next request. */
  readonly keepAlive: boolean;
}

/** The way to one origin. */
export interface Route {
  /**
   * Sends a request. Resolves with what `take` makes of the answer's head, as soon as that is there.
   * @throws ProxyError where it does not get through the proxy that the environment names
   * @throws Error of Node.js, where it does not reach the server, or gets no answer
   */
  send<T>(address: URL, request: Sent, take: (response: IncomingMessage) => T): Promise<T>;
}

/**
 * The way to an address's origin: by whichever of its addresses answers, or through the proxy that the environment
 * names. A request that finds a kept connection closed is sent again where it is repeatable; for others only a
 * connection is used that was in use a moment ago, or that the server has promised to keep.
 * @throws OmnispindleError `invalid_settings` where what names a proxy is no address
 */
export async function routeTo(origin: URL, { keepAlive }: RouteOptions): Promise<Route> {
  const [{ request }, proxy] = await Promise.all([
    origin.protocol === 'https:' ? import('node:https') : import('node:http'),
    proxyFor(origin),
  ]);
  if (origin.protocol === 'https:') (await import('./systemCertificates.ts')).trustSystem();
  const options = { keepAlive, ...(keepAlive && { timeout: longestIdle }) };
  const agent: Agent = proxy
    ? await (await import('./proxyAgent.ts')).proxyAgent(proxy, options)
    : await directAgent(origin, options);
  const idle = createIdleSockets(agent);

  async function failure(error: unknown): Promise<unknown> {
    if (!proxy) return error;
    return (await import('./proxyFailure.ts')).proxyFailure(error, proxy, origin.hostname);
  }

  function once<T>(address: URL, sent: Sent, take: (response: IncomingMessage) => T): Promise<T> {
    const { method, headers, body, signal } = sent;
    return new Promise((resolve, reject) => {
      const outgoing = request(address, { method, headers, agent, ...(signal && { signal }) }, response => {
        idle.note(response);
        try {
          resolve(take(response));
        } catch (error) {
          response.destroy();
          reject(error);
        }
      });
      const fail = (error: Error) => {
        reject(outgoing.reusedSocket && !signal?.aborted ? new ReusedConnectionError(error) : error);
      };
      limitConnecting(outgoing);
      outgoing
        .on('error', fail)
        // A switch to another protocol (status 101) ends without an error, and without an answer.
        .on('close', () => {
          fail(Object.assign(new Error('The connection was closed.'), { code: 'ECONNRESET' }));
        })
        .end(body);
    });
  }

  return {
    async send(address, sent, take) {
      await idle.prepare(sent.repeatable);
      try {
        return await once(address, sent, take).catch((error: unknown) => {
          if (!(error instanceof ReusedConnectionError)) throw error;
          idle.distrust();
          if (!sent.repeatable) throw error.reason;
          return once(address, sent, take);
        });
      } catch (error) {
        throw await failure(error instanceof ReusedConnectionError ? error.reason : error);
      }
    },
  };
}

/** That a connection which was kept from an earlier request broke before an answer came. */
class ReusedConnectionError extends Error {
  readonly reason: Error;

  constructor(reason: Error) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Ends a request whose connection does not stand in time; how long the answer takes is its caller's to judge. */
function limitConnecting(outgoing: ClientRequest): void {
  const timer = setTimeout(() => {
    const error = new Error('The connection did not stand in time.');
    outgoing.destroy(Object.assign(error, { code: 'ETIMEDOUT', syscall: 'connect' }));
  }, connectLimit + 1_000);
  const stop = () => {
    clearTimeout(timer);
  };
  outgoing.once('close', stop).once('response', stop);
  outgoing.once('socket', (socket: Socket | TLSSocket) => {
    const isSecure = 'getFinished' in socket;
    const isUnderWay = isSecure ? socket.getFinished() === undefined : socket.connecting;
    if (outgoing.reusedSocket || !isUnderWay) stop();
    else socket.once(isSecure ? 'secureConnect' : 'connect', stop);
  });
}
