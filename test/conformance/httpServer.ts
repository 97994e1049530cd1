import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import {
  createMcpHandler,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  hostHeaderValidationResponse,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import { createServer, type ServerOptions } from '../../src/server/createServer.ts';
import { memoryLog } from '../auth/fixtures.ts';

export interface ServedByHttp {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The bundled server behind HTTP, which is all that the conformance suite speaks: the factory that `serve` has on stdio,
 * behind the SDK's own handler, for a person who is signed in. Not for more than that: it asks nobody for a token.
 */
export async function serveByHttp(
  options: Pick<ServerOptions, 'authenticate' | 'store'>,
): Promise<ServedByHttp> {
  const handler = createMcpHandler(() =>
    createServer({ ...options, loadout: 'full', log: memoryLog(), version: '1.2.3' }),
  );
  const http = createHttpServer((incoming, outgoing) => {
    serveFetch(answer, incoming, outgoing).catch((error: unknown) => {
      outgoing.destroy(error as Error);
    });
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/mcp`,
    async close() {
      await handler.close();
      http.closeAllConnections();
      await new Promise(resolve => http.close(resolve));
    },
  };

  async function answer(request: Request): Promise<Response> {
    return (
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      originValidationResponse(request, localhostAllowedOrigins()) ??
      (await handler.fetch(request))
    );
  }
}

/** Answers a request of Node's by a handler that has the shape of `fetch`. */
export async function serveFetch(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    gone.abort();
  });
  const { method = 'GET', headers, url = '/' } = incoming;
  const request = new Request(new URL(url, 'http://127.0.0.1'), {
    method,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
    ...(method === 'POST' && { body: Buffer.concat((await incoming.toArray()) as Buffer[]) }),
    signal: gone.signal,
  });
  const response = await fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), outgoing);
  else outgoing.end();
}
