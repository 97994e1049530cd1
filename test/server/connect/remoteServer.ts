import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  StreamableHTTPServerTransport,
  type EventStore,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

/** Answers a request itself, or lets it pass. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface RemoteServer {
  readonly url: string;
  readonly requests: {
    method: string;
    authorization: string | undefined;
    headers: IncomingMessage['headers'];
  }[];
  /** Sees each request first. */
  intercept: Interceptor | undefined;
  /** Forgets every session, as a restart does. */
  forget(): void;
  /** Breaks every open connection. */
  drop(): void;
  listChanged(): void;
  stop(): Promise<void>;
  startAgain(): Promise<void>;
}

/** A real SDK server over Streamable HTTP, with resumable streams, that uses every feature of the protocol. */
export async function startRemoteServer(port = 0): Promise<RemoteServer> {
  let sessions = new Map<string, { transport: StreamableHTTPServerTransport; server: McpServer }>();
  const requests: RemoteServer['requests'] = [];
  let http: Server;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    requests.push({ method, authorization: headers.authorization, headers });
    if (remote.intercept?.(request, response)) return;
    const id = headers['mcp-session-id'];
    if (typeof id === 'string') {
      const session = sessions.get(id);
      if (session) await session.transport.handleRequest(request, response);
      else response.writeHead(404).end();
      return;
    }
    const server = createFeatures();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: memoryEvents(),
      onsessioninitialized: session => {
        sessions.set(session, { transport, server });
      },
      onsessionclosed: session => {
        sessions.delete(session);
      },
    });
    await server.connect(transport);
    await transport.handleRequest(request, response);
  }

  async function listen(at: number): Promise<number> {
    http = createServer((request, response) => {
      void handle(request, response);
    });
    await new Promise<void>(resolve => http.listen(at, '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  }
  const bound = await listen(port);

  const remote: RemoteServer = {
    url: `http://127.0.0.1:${String(bound)}/mcp`,
    requests,
    intercept: undefined,
    forget() {
      sessions = new Map();
    },
    drop() {
      http.closeAllConnections();
    },
    listChanged() {
      for (const { server } of sessions.values()) server.sendToolListChanged();
    },
    async stop() {
      remote.forget();
      await new Promise(resolve => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
    async startAgain() {
      await listen(bound);
    },
  };
  return remote;
}

function createFeatures(): McpServer {
  const server = new McpServer({ name: 'remote', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool(
    'echo',
    { inputSchema: { text: z.string() }, annotations: { readOnlyHint: true } },
    ({ text }) => ({
      content: [{ type: 'text', text }],
    }),
  );
  server.registerTool('hidden_tool', {}, () => ({ content: [{ type: 'text', text: 'seen' }] }));
  server.registerTool('features', {}, async extra => {
    const token = extra._meta?.progressToken;
    for (let progress = 1; progress <= 3 && token !== undefined; progress++) {
      await extra.sendNotification({
        method: 'notifications/progress',
        params: { progressToken: token, progress },
      });
    }
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'hello' },
    });
    const sampled = await server.server.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }],
      maxTokens: 5,
    });
    const elicited = await server.server.elicitInput({
      message: 'Name?',
      requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
    });
    const { roots } = await server.server.listRoots();
    return {
      content: [
        {
          type: 'text',
          text: JSON.stringify({ model: sampled.model, action: elicited.action, roots: roots.length }),
        },
      ],
    };
  });
  server.registerTool('slow', { inputSchema: { ms: z.number() } }, ({ ms }, { signal }) => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(resolve, ms, 'done');
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      cancelled.count++;
      resolve('cancelled');
    });
    return promise.then(text => ({ content: [{ type: 'text', text }] }));
  });
  return server;
}

/** How many calls of `slow` were cancelled. */
export const cancelled = { count: 0 };

function memoryEvents(): EventStore {
  const events: { id: string; stream: string; message: JSONRPCMessage }[] = [];
  return {
    storeEvent(stream, message) {
      const id = String(events.length);
      events.push({ id, stream, message });
      return Promise.resolve(id);
    },
    async replayEventsAfter(last, { send }) {
      const from = events.find(event => event.id === last);
      for (const event of events) {
        if (event.stream === from?.stream && Number(event.id) > Number(last))
          await send(event.id, event.message);
      }
      return from?.stream ?? '';
    },
  };
}
