import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import {
  StreamableHTTPServerTransport,
  type EventStore,
} from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { createFeatures } from './features.ts';

/** A server's sessions, by one of the protocol's transports. */
export interface Sessions {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  servers(): McpServer[];
  /** Forgets every session, as a restart does. */
  forget(): void;
}

export interface StreamableOptions {
  /** Whether broken streams can be resumed. */
  readonly resumable?: boolean;
  /** Whether answers are plain JSON. */
  readonly json?: boolean;
  /** How long (ms) clients are told to wait before they read on, where the server ends a stream. */
  readonly retryInterval?: number;
  readonly create?: () => McpServer;
}

/** Sessions by the SDK's Streamable HTTP transport. */
export function streamableSessions({
  resumable = true,
  json = false,
  retryInterval,
  create = createFeatures,
}: StreamableOptions = {}): Sessions {
  let sessions = new Map<string, { transport: StreamableHTTPServerTransport; server: McpServer }>();
  return {
    async handle(request, response) {
      const id = request.headers['mcp-session-id'];
      if (typeof id === 'string') {
        const session = sessions.get(id);
        if (session) await session.transport.handleRequest(request, response);
        else response.writeHead(404).end();
        return;
      }
      const server = create();
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        enableJsonResponse: json,
        maxRequestBodySize: 20_000_000,
        ...(resumable && { eventStore: memoryEvents() }),
        ...(retryInterval !== undefined && { retryInterval }),
        onsessioninitialized: session => {
          sessions.set(session, { transport, server });
        },
        onsessionclosed: session => {
          sessions.delete(session);
        },
      });
      await server.connect(transport);
      await transport.handleRequest(request, response);
    },
    servers: () => [...sessions.values()].map(({ server }) => server),
    forget() {
      sessions = new Map();
    },
  };
}

/** Sessions by the HTTP+SSE transport of before, which the SDK still has. */
export function legacySessions(create = createFeatures): Sessions {
  let sessions = new Map<string, { transport: SSEServerTransport; server: McpServer }>();
  return {
    async handle(request, response) {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      if (request.method === 'GET' && pathname === '/mcp') {
        const server = create();
        const transport = new SSEServerTransport('/messages', response);
        sessions.set(transport.sessionId, { transport, server });
        await server.connect(transport);
      } else if (request.method === 'POST' && pathname === '/messages') {
        const session = sessions.get(searchParams.get('sessionId') ?? '');
        if (session) await session.transport.handlePostMessage(request, response);
        else response.writeHead(404).end();
      } else {
        response.writeHead(405).end();
      }
    },
    servers: () => [...sessions.values()].map(({ server }) => server),
    forget() {
      sessions = new Map();
    },
  };
}

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
        if (event.stream === from?.stream && Number(event.id) > Number(last)) {
          await send(event.id, event.message);
        }
      }
      return from?.stream ?? '';
    },
  };
}
