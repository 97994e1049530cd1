import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { inputSchema } from '../../src/server/toolInput.ts';
import { allTools } from '../../src/server/tools/all.ts';

/** The tools as the SDK itself lists them, with the JSON Schemas that it makes, made plain. */
export async function listBySdk(): Promise<unknown[]> {
  const server = new McpServer({ name: 'list', version: '1.0.0' });
  for (const tool of allTools) {
    const { name, title, description, output, annotations } = tool;
    server.registerTool(
      name,
      { title, description, inputSchema: inputSchema(tool), outputSchema: z.object(output), annotations },
      () => ({ content: [] }),
    );
  }
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'list', version: '1.0.0' });
  await Promise.all([server.connect(near), client.connect(far)]);
  const { tools } = await client.listTools();
  await client.close();
  // As they travel: without what is undefined.
  return JSON.parse(JSON.stringify(tools), plain) as unknown[];
}

/** What some model APIs refuse, and says nothing that the tools do not check themselves. */
const unwanted: readonly string[] = ['$schema', 'propertyNames', 'pattern'];

/** Leaves that out of a schema, and what says that anything may be there. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).filter(
      ([name, part]) =>
        !unwanted.includes(name) && !(name === 'additionalProperties' && JSON.stringify(part) === '{}'),
    ),
  );
}

// `npm run tools` writes what the server gives without making it again.
if (import.meta.main) {
  const path = join(import.meta.dirname, '..', '..', 'src', 'server', 'toolList.json');
  writeFileSync(path, JSON.stringify(await listBySdk()));
}
