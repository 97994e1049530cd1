import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

// The least a server can be: one tool, no gate. What the bundled server is measured against.
const server = new McpServer({ name: 'bare', version: '1.0.0' });
server.registerTool(
  'whoami',
  {
    description: 'Says as whom the tools run.',
    inputSchema: z.object({}),
    outputSchema: z.object({ sub: z.string() }),
  },
  () => ({ structuredContent: { sub: 'nobody' }, content: [{ type: 'text', text: '{"sub":"nobody"}' }] }),
);
await server.connect(new StdioServerTransport());
