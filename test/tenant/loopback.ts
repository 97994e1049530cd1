import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly port: number;
  serve(listener: RequestListener): void;
  close(): Promise<void>;
}

/** Listens on both loopback addresses at one port; 0 takes a free one. */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
  // The client closes what is idle. A server may do so just as the next request comes.
  const idle = { keepAliveTimeout: 0 };
  const servers = [createServer(idle), createServer(idle)] as const;
  await bind(servers[0], port, '127.0.0.1');
  const bound = (servers[0].address() as AddressInfo).port;
  await bind(servers[1], bound, '::1');
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

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, ipv6Only: true }, resolve);
  });
}
