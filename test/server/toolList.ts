import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { describeTool } from '../../src/server/createServer.ts';
import { toolsOf } from '../../src/server/loadouts.ts';

/** The tools as the SDK itself lists them, with the JSON Schemas that it makes. */
export async function listBySdk(): Promise<unknown[]> {
  const server = new McpServer({ name: 'list', version: '1.0.0' });
  for (const tool of toolsOf('full')) {
    server.registerTool(tool.name, describeTool(tool), () => ({ content: [] }));
  }
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'list', version: '1.0.0' });
  await Promise.all([server.connect(near), client.connect(far)]);
  const { tools } = await client.listTools();
  await client.close();
  // As they travel: without what is undefined.
  return JSON.parse(JSON.stringify(tools)) as unknown[];
}

// `npm run tools` writes what the server gives without making it anew.
if (import.meta.main) {
  const path = join(import.meta.dirname, '..', '..', 'src', 'server', 'toolList.json');
  writeFileSync(path, JSON.stringify(await listBySdk()));
}
