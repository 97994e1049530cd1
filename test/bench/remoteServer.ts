import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

// A real remote server, in a process of its own: prints its address. Without a bearer token it answers 401.
const sessions = new Map<string, StreamableHTTPServerTransport>();
const http = createServer((request, response) => {
  void (async () => {
    if (!request.headers.authorization?.startsWith('Bearer ')) {
      response.writeHead(401).end();
      return;
    }
    const known = sessions.get(String(request.headers['mcp-session-id']));
    await (known ?? (await open())).handleRequest(request, response);
  })();
});
http.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${String((http.address() as AddressInfo).port)}/mcp`);
});

async function open(): Promise<StreamableHTTPServerTransport> {
  const server = new McpServer({ name: 'remote', version: '1.0.0' });
  server.registerTool('whoami', { description: 'Says as whom the tools run.' }, () => ({
    content: [{ type: 'text', text: 'nobody' }],
  }));
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
