import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly port: number;
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Listens at both addresses of `localhost`, or at another one of this machine; port 0 takes a free one. */
export async function listenOnLoopback(port: number, host = 'localhost'): Promise<LoopbackServer> {
  const [first = host, ...others] = host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  const servers = [await listen(port, first)];
  const bound = (servers[0]?.address() as AddressInfo).port;
  for (const other of others) servers.push(await listen(bound, other));
  return {
    port: bound,
    serve(listener) {
      for (const server of servers) server.on('request', listener);
    },
    async close() {
      await Promise.all(
        servers.map(
          server =>
            new Promise<void>(resolve => {
              server.close(() => {
                resolve();
              });
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

async function listen(port: number, host: string): Promise<Server> {
  // The client closes what is idle. A server may do so just as the next request comes.
  const server = createServer({ keepAliveTimeout: 0 }).listen({ port, host, ipv6Only: true });
  await once(server, 'listening');
  return server;
}
