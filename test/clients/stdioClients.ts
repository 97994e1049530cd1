import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { callback } from '../tenant/callbackPort.ts';
import { startClient } from '../terminal/fixtures.ts';
import { endSignIns } from '../terminal/processes.ts';
import { registeredId, type Known, type TeamClient } from './teamClient.ts';

const root = join(import.meta.dirname, '..', '..');

/** The environment of a person whose browser signs in by itself; nothing of the machine's own user is in it. */
export function personAt(home: string): Record<string, string> {
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BROWSER: join(root, 'test', 'tenant', 'demoBrowser.sh'),
  };
}

/** What mcp-remote is told of each way. */
const waysOfMcpRemote = {
  dynamic: [],
  document: ['--client-metadata-url', 'https://mcp-remote.example/client.json'],
  registered: ['--static-oauth-client-info', JSON.stringify({ client_id: registeredId })],
} as const;

/** The program that puts a remote server on stdio, as an MCP client starts it. */
export const mcpRemote: TeamClient = {
  name: 'mcp-remote',
  ways: ['dynamic', 'document', 'registered'],
  document: 'https://mcp-remote.example/client.json',
  callback: port => `http://localhost:${String(port)}/oauth/callback`,
  whoAmI: ({ url, way, port, home }) =>
    askOnStdio(home, [
      join(root, 'node_modules', 'mcp-remote', 'dist', 'proxy.js'),
      url,
      String(port),
      ...waysOfMcpRemote[way],
    ]),
};

async function askOnStdio(home: string, args: string[]): Promise<Known> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const env = personAt(home);
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'ignore' }));
  const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
  await client.close();
  return structuredContent as Known;
}

/** Ours: a person's settings name their tenant and our client there; no server can. */
export const connect: TeamClient = {
  name: 'omnispindle connect',
  ways: ['registered'],
  document: '',
  callback: () => callback,
  async whoAmI({ url, tenant, home }) {
    mkdirSync(home, { recursive: true });
    const own = { ...tenant, audience: url };
    const { client } = await startClient(['connect', url], { tenant: own, directory: home });
    const { structuredContent } = await client.callTool({ name: 'whoami', arguments: {} });
    await client.close();
    await endSignIns(home);
    return structuredContent as Known;
  },
};
