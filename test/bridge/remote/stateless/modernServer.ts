import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  acceptedContent,
  createMcpHandler,
  inputRequired,
  McpServer,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { serveFetch } from '../../../conformance/httpServer.ts';
import type { OddAnswer, OddRequest } from '../oddServer.ts';
import type { Json } from '../rawClient.ts';

export interface ModernServer {
  readonly url: string;
  readonly requests: OddRequest[];
  /** Publishes changes. */
  readonly notify: McpHttpHandler['notify'];
  /** Sees each request first. */
  answer: OddAnswer;
  /** Breaks every open connection. */
  drop(): void;
  stop(): Promise<void>;
  startAgain(): Promise<void>;
}

/** What every server of this process has seen. */
export const seen = { cancelled: 0 };
/** `go` lets the tool `wait` end. */
export const steps = new EventEmitter();

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

/** A server with something of each kind. */
export function createModernFeatures(): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '1.0.0' },
    { capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } } },
  );
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => said(text));
  // A name that no header can have.
  server.registerResource('size', 'file:///gr%C3%B6%C3%9Fe', {}, ({ href: uri }) => ({
    contents: [{ uri, text: 'big' }],
  }));
  server.registerTool('log', {}, async ({ mcpReq }) => {
    await mcpReq.log('debug', 'a detail');
    await mcpReq.log('error', 'an error');
    return said('logged');
  });
  server.registerTool('news', {}, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (let progress = 1; progress <= 3 && progressToken !== undefined; progress++) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
    }
    await mcpReq.log('info', 'hello');
    return said('done');
  });
  server.registerTool('ask', {}, ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'name', z.object({ name: z.string() }));
    if (answer) return said(answer.name);
    const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
    return inputRequired({
      inputRequests: { name: inputRequired.elicit({ message: 'Name?', requestedSchema }) },
      requestState: 'opaque',
    });
  });
  server.registerTool('wait', {}, async ({ mcpReq }) => {
    mcpReq.signal.addEventListener('abort', () => {
      seen.cancelled++;
      steps.emit('cancelled');
    });
    await mcpReq.log('info', 'begun');
    await Promise.race([once(steps, 'go'), once(mcpReq.signal, 'abort')]);
    return said('arrived');
  });
  const region = z.string().meta({ 'x-mcp-header': 'Region' });
  const deep = z.object({ level: z.int().meta({ 'x-mcp-header': 'Level' }) }).optional();
  server.registerTool('query', { inputSchema: z.object({ region, deep }) }, input => said(input.region));
  return server;
}

/** A real SDK server of the modern era, which serves legacy clients only where told to. */
export async function startModernServer(legacy: 'reject' | 'stateless' = 'reject'): Promise<ModernServer> {
  const requests: OddRequest[] = [];
  const handler = createMcpHandler(createModernFeatures, { legacy });

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming;
    const body = await buffer(incoming);
    const message = method === 'POST' ? (JSON.parse(body.toString()) as Json) : undefined;
    const request = { method, path, headers, message };
    requests.push(request);
    if (modern.answer(request, response)) return;
    const again = Object.assign(Object.create(incoming) as IncomingMessage, {
      toArray: () => Promise.resolve([body]),
    });
    await serveFetch(handler.fetch, again, response);
  }

  const http = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const listen = async (port: number) => {
    await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const modern: ModernServer = {
    url: `http://127.0.0.1:${String(port)}/mcp`,
    requests,
    notify: handler.notify,
    answer: () => undefined,
    drop() {
      http.closeAllConnections();
    },
    async stop() {
      await new Promise(resolve => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
    async startAgain() {
      await listen(port);
    },
  };
  return modern;
}
