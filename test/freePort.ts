import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';

/**
 * Below those that systems give away by themselves. Each process of tests begins at another one, and so far from the next
 * process that neither gets a port that the other has found free and not taken yet.
 */
const first = 10_000;
const count = 10_000;
let next = (process.pid * 50) % count;

/** A port that is free at both addresses of this machine. Nobody gets it by chance while it is not in use. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (next++ % count);
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen({ port, host, ipv6Only: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    // There are machines without IPv6.
    return (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
  }
  server.close();
  await once(server, 'close');
  return true;
}
