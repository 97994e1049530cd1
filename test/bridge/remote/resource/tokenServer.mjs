// A stdio server with an API of its own: it tells which token it was started with.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'local', version: '1.0.0' });
server.registerTool(
  'token',
  { description: 'Tells its token.', annotations: { readOnlyHint: true } },
  () => ({
    content: [{ type: 'text', text: process.env.API_TOKEN ?? '' }],
  }),
);
await server.connect(new StdioServerTransport());
