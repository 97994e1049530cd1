import { request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';

/** RFC 9110, section 7.6.1: they are about one connection, as is what `Connection` names. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110, section 9.2.2, of those that an MCP server may be sent: to repeat them changes nothing. */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a request can be sent again that may have been carried out. */
export const isRepeatable = ({ method = '', headers }: IncomingMessage): boolean =>
  idempotent.has(method) &&
  headers['content-length'] === undefined &&
  headers['transfer-encoding'] === undefined;

/**
 * Sends a request over a connection of its own, and passes the answer on as it comes.
 * @returns whether there was an answer; without one, nothing was said to the client
 */
export function forward(asked: IncomingMessage, response: ServerResponse, socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { method = 'GET', url: path = '/' } = asked;
  const sent = request({ createConnection: () => socket, method, path, headers: forwardedHeaders(asked) });
  response.once('close', () => sent.destroy());
  sent.on('response', answer => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHops(answer));
    response.flushHeaders();
    // What breaks the answer breaks the connection of the client too, which must not take a half for the whole.
    pipeline(answer, response, () => {
      resolve(true);
    });
  });
  sent.on('error', () => {
    resolve(response.headersSent);
  });
  // A body may come later than its answer.
  sent.flushHeaders();
  asked.pipe(sent);
  return promise;
}

function forwardedHeaders(asked: IncomingMessage): IncomingHttpHeaders {
  const { headers, socket } = asked;
  const before = headers['x-forwarded-for'];
  return {
    ...withoutHops(asked),
    'x-forwarded-for': [before, socket.remoteAddress].filter(Boolean).join(', '),
    'x-forwarded-host': headers.host,
    'x-forwarded-proto': 'http',
  };
}

function withoutHops({ headers, headersDistinct }: IncomingMessage): Record<string, string | string[]> {
  const named = headers.connection?.split(',').map(name => name.trim().toLowerCase()) ?? [];
  return Object.fromEntries(
    Object.entries(headersDistinct).flatMap(([name, values = []]) =>
      hopByHop.has(name) || named.includes(name) ? [] : [[name, values.length === 1 ? values[0]! : values]],
    ),
  );
}
