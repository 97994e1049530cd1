import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createMcpHandler, McpServer as ModernServer } from '@modelcontextprotocol/server';
import { serveFetch } from '../conformance/httpServer.ts';

// Real remote servers, in a process of their own, one for each era of the protocol: prints the address of the 2025 one
// and of the 2026 one, which speaks nothing else. Without a bearer token they answer 401.
const whoami = 'Says as whom the tools run.';
const large = 'Answers with 16 MB.';
const largeBytes = 16_000_000;

const sessions = new Map<string, StreamableHTTPServerTransport>();
const modern = createMcpHandler(
  () => {
    const server = new ModernServer({ name: 'remote', version: '1.0.0' });
    server.registerTool('whoami', { description: whoami }, () => text('nobody'));
    server.registerTool('large', { description: large }, () => text('x'.repeat(largeBytes)));
    return server;
  },
  { legacy: 'reject' },
);

const http = createServer((request, response) => {
  // Whoever asked may be gone before the answer has ended.
  serve(request, response).catch((error: unknown) => response.destroy(error as Error));
});
http.listen(0, '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`;
  console.log(`${origin}/2025 ${origin}/2026`);
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!request.headers.authorization?.startsWith('Bearer ')) response.writeHead(401).end();
  else if (request.url === '/2026') await serveFetch(modern.fetch, request, response);
  else await serveOlder(request, response);
}

async function serveOlder(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const known = sessions.get(String(request.headers['mcp-session-id']));
  await (known ?? (await open())).handleRequest(request, response);
}

async function open(): Promise<StreamableHTTPServerTransport> {
  const server = new McpServer({ name: 'remote', version: '1.0.0' });
  server.registerTool('whoami', { description: whoami }, () => text('nobody'));
  server.registerTool('large', { description: large }, () => text('x'.repeat(largeBytes)));
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: id => {
      sessions.set(id, transport);
    },
    onsessionclosed: id => {
      sessions.delete(id);
    },
  });
  await server.connect(transport);
  return transport;
}

function text(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}
