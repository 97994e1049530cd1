import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Tool } from '../../src/server/tool.ts';
import { inputSchema } from '../../src/server/toolInput.ts';

const server = join(import.meta.dirname, '..', '..', 'src', 'server');

/** What the build makes of the files in a folder of tools. */
export interface GeneratedTools {
  /** The module that imports them all. */
  readonly module: string;
  /** What a client gets for `tools/list`: made once, because making it takes a quarter of a start. */
  readonly list: readonly unknown[];
}

/**
 * Reads the files of a folder, each of which exports its `tools`.
 * @throws Error where one exports none, or two have a tool of the same name
 */
export async function generateTools(folder = join(server, 'tools')): Promise<GeneratedTools> {
  // From the last name to the first, so that a list begins with whoami, as it always has.
  const files = readdirSync(folder).sort().reverse();
  const tools = new Map<string, Tool>();
  for (const file of files) {
    const exported = (await import(pathToFileURL(join(folder, file)).href)) as { tools?: readonly Tool[] };
    if (!exported.tools?.length) {
      throw new Error(`${file} exports no "tools". What is no tool belongs beside the folder, not in it.`);
    }
    for (const tool of exported.tools) {
      if (tools.has(tool.name)) throw new Error(`${file} has a second tool ${tool.name}. Rename one.`);
      tools.set(tool.name, tool);
    }
  }
  return { module: moduleOf(files), list: await listBySdk([...tools.values()]) };
}

function moduleOf(files: readonly string[]): string {
  const names = files.map(file => basename(file, '.ts'));
  return [
    '// "npm run build" writes this from the files in src/server/tools.',
    `import type { Tool } from '../tool.ts';`,
    ...names.map((name, i) => `import { tools as tools${String(i)} } from '../tools/${name}.ts';`),
    '',
    '/** Every tool there is, in the order they are listed. */',
    `export const allTools: readonly Tool[] = [${names.map((_, i) => `...tools${String(i)}`).join(', ')}];`,
    '',
  ].join('\n');
}

/** The tools as the SDK itself lists them, with the JSON Schemas that it makes, made plain. */
async function listBySdk(tools: readonly Tool[]): Promise<unknown[]> {
  const lister = new McpServer({ name: 'list', version: '1.0.0' });
  for (const tool of tools) {
    const { name, title, description, output, annotations } = tool;
    lister.registerTool(
      name,
      { title, description, inputSchema: inputSchema(tool), outputSchema: z.object(output), annotations },
      () => ({ content: [] }),
    );
  }
  const [near, far] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'list', version: '1.0.0' });
  await Promise.all([lister.connect(near), client.connect(far)]);
  const listed = await client.listTools();
  await client.close();
  // As they travel: without what is undefined.
  return JSON.parse(JSON.stringify(listed.tools), plain) as unknown[];
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

if (import.meta.main) {
  const { module, list } = await generateTools();
  const generated = join(server, 'generated');
  writeChanged(join(generated, 'allTools.ts'), module);
  writeChanged(join(generated, 'toolList.json'), `${JSON.stringify(list, null, 2)}\n`);
}

/** Leaves a file alone that is so already: "npm run watch" takes one that was written for a change. */
function writeChanged(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}
