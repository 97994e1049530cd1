import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../network/certificates.ts';

/** What stands before a tenant, for whoever knows its name. */
export interface TlsFront {
  /** `https://name:port`. */
  readonly address: string;
  /** Passes requests on to that port of this machine. */
  leadTo(port: number, host: string): void;
  stop(): void;
}

/** Speaks TLS for a tenant under a name, as the machines before a real one do. */
export async function startTlsFront(name: string, certificate: Certificate): Promise<TlsFront> {
  let target: { port: number; host: string } | undefined;
  const server = createServer(certificate, (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const passed = request(
      { ...target, method, path, headers: { ...headers, 'x-forwarded-proto': 'https' }, agent: false },
      answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `https://${name}:${String((server.address() as AddressInfo).port)}`,
    leadTo(port, host) {
      target = { port, host };
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
