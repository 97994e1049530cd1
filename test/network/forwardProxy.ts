import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Certificate } from './certificates.ts';

export interface ForwardProxy {
  /** Its host and port. */
  readonly address: string;
  readonly requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[];
  /** The status that it refuses tunnels with. */
  refuseWith: number | undefined;
  stop(): Promise<void>;
}

/**
 * Starts a forward proxy to this machine, under whatever name; it does not let strangers in.
 * @param certificate its own, where it is to be spoken to over https
 */
export async function startProxy(certificate?: Certificate): Promise<ForwardProxy> {
  const requests: ForwardProxy['requests'] = [];
  const sockets = new Set<Socket>();
  const refuse = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    response.writeHead(502).end();
  };
  const server = certificate ? createSecureServer(certificate, refuse) : createServer(refuse);
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    requests.push(request);
    const isStranger = request.headers['proxy-authorization'] === basic('stranger');
    const status = isStranger ? 407 : proxy.refuseWith;
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${String(status)} No\r\n\r\n`);
      return;
    }
    const [port] = /\d+$/.exec(request.url ?? '') ?? [];
    const target = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy: ForwardProxy = {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    refuseWith: undefined,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
  return proxy;
}

/** How somebody with the tests' password signs in to a proxy (RFC 7617). */
export const basic = (user: string) => `Basic ${Buffer.from(`${user}:S3CRET`).toString('base64')}`;
