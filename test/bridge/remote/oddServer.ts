import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Json } from './rawClient.ts';

export interface OddRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** What was posted, where it is JSON. */
  readonly message: Json | undefined;
}

/**
 * Answers as it likes, and returns the response or true; what it leaves alone is answered as a server without
 * surprises would.
 */
export type OddAnswer = (
  request: OddRequest,
  response: ServerResponse,
) => ServerResponse | boolean | undefined;

export interface OddServer {
  url: string;
  readonly requests: OddRequest[];
  answer: OddAnswer;
  stop(): Promise<void>;
}

export const json = { 'content-type': 'application/json' };
export const events = { 'content-type': 'text/event-stream' };

/** A server of the Streamable HTTP transport that keeps to no rule unless it wants to. */
export async function startOddServer(
  answer: OddAnswer = () => undefined,
  /** Reads the body of a request; absent, it is read whole and parsed. */
  readBody: (request: IncomingMessage) => Promise<string> = text,
): Promise<OddServer> {
  const requests: OddRequest[] = [];
  const http = createServer((incoming, response) => {
    response.on('error', () => undefined);
    readBody(incoming).then(
      body => {
        const { method = '', url: path = '', headers } = incoming;
        const request = { method, path, headers, message: parse(body) };
        requests.push(request);
        if (!odd.answer(request, response)) answerPlainly(request, response);
      },
      () => undefined,
    );
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const odd: OddServer = {
    url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}/mcp`,
    requests,
    answer,
    async stop() {
      await new Promise(resolve => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
  return odd;
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}

function answerPlainly({ method, message }: OddRequest, response: ServerResponse): void {
  if (method !== 'POST') {
    response.writeHead(405).end();
  } else if (message?.['id'] === undefined || message['method'] === undefined) {
    response.writeHead(202).end();
  } else {
    answerWith(response, message['id'], plainResult(message['method'] as string));
  }
}

/** What a server without surprises answers. */
export function plainResult(method: string): Json {
  if (method === 'initialize') {
    return {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'odd', version: '1' },
    };
  }
  if (method === 'tools/list') return { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] };
  return { content: [{ type: 'text', text: 'plain' }] };
}

/** Answers with one JSON message. */
export function answerWith(response: ServerResponse, id: unknown, result: unknown): void {
  response.writeHead(200, json).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}
