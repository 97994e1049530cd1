import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

// The least a server can be: one tool, no gate. What the bundled server is measured against.
const server = new McpServer({ name: 'bare', version: '1.0.0' });
server.registerTool(
  'whoami',
  { description: 'Says as whom the tools run.', inputSchema: {}, outputSchema: { sub: z.string() } },
  () => ({ structuredContent: { sub: 'nobody' }, content: [{ type: 'text', text: '{"sub":"nobody"}' }] }),
);
await server.connect(new StdioServerTransport());
