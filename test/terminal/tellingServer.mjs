// A stdio server that tells how it was started.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'telling', version: '1.0.0' });
const annotations = { readOnlyHint: true };
server.registerTool('start', { description: 'How it was started.', annotations }, () => {
  const state = { args: process.argv.slice(2), cwd: process.cwd(), env: process.env };
  return { content: [{ type: 'text', text: JSON.stringify(state) }] };
});
await server.connect(new StdioServerTransport());
