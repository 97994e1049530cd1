import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** A port that is free now, at both addresses of this machine. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await take(0, '127.0.0.1');
    const other = await take(port, '::1').catch(codeOf);
    // There are machines without IPv6.
    if (other !== 'EADDRINUSE') return port;
  }
}

/** Takes that port for a moment. */
async function take(port: number, host: string): Promise<number> {
  const server = createServer().listen({ port, host, ipv6Only: true });
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return taken;
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
