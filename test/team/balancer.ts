import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { forward, isRepeatable } from './forward.ts';
import { watchReplicas } from './rotation.ts';

/** Stands before the replicas of a team's server, in the demo and in tests; others have a load balancer there. */
export interface Balancer {
  readonly url: string;
  readonly port: number;
  /** The replicas that it sends requests to now. */
  ready(): string[];
  /** How many requests each replica has answered. */
  served(): Record<string, number>;
  /** Finishes what runs. */
  close(): Promise<void>;
}

interface BalancerOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** Milliseconds between two questions whether a replica is ready. */
  readonly interval?: number;
}

/**
 * Starts a balancer on loopback, for servers at those origins.
 *
 * Written here, because a request of MCP is no GET: the libraries at hand repeat either nothing, or what may have been
 * carried out. This one opens a connection first, so that it knows that nothing was sent where another replica gets it.
 */
export async function startBalancer(
  origins: readonly string[],
  { port = 0, interval = 100 }: BalancerOptions = {},
): Promise<Balancer> {
  const rotation = await watchReplicas(origins, interval);
  const open = new Set<ServerResponse>();
  const served = new Map(origins.map(origin => [origin, 0]));

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const replica of rotation.inTurn()) {
      if (response.destroyed) return;
      const socket = await dial(replica.origin);
      if (!socket) {
        replica.isReady = false;
        continue;
      }
      if (await forward(asked, response, socket)) {
        served.set(replica.origin, (served.get(replica.origin) ?? 0) + 1);
        return;
      }
      replica.isReady = false;
      if (!isRepeatable(asked)) {
        refuse(
          response,
          502,
          'The connection to the server was lost; the request may have been carried out.',
        );
        return;
      }
    }
    refuse(response, 503, 'No server is there now; nothing was carried out.');
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (asked, response) => {
    open.add(response);
    response.once('close', () => open.delete(response));
    // A client that goes away is no reason to end.
    response.on('error', () => undefined);
    void answer(asked, response);
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${String(bound)}`,
    port: bound,
    ready: rotation.ready,
    served: () => Object.fromEntries(served),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const response of open) response.shouldKeepAlive = false;
      await Promise.all([closed, rotation.stop()]);
    },
  };
}

/** @returns a connection, or undefined where there is none to be had */
async function dial(origin: string): Promise<Socket | undefined> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(2_000) });
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, words: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain', ...(status === 503 && { 'retry-after': '1' }) });
  response.end(`${words}\n`);
}
