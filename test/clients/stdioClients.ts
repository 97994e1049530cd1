import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { TurnedAway } from '../tenant/browserless.ts';
import { callback } from '../tenant/callbackPort.ts';
import { startClient } from '../terminal/fixtures.ts';
import { endSignIns } from '../terminal/processes.ts';
import { knownFrom, registeredId, type ClientStart, type Known, type TeamClient } from './teamClient.ts';

const root = join(import.meta.dirname, '..', '..');

/** The environment of a person whose browser signs in by itself; nothing of the machine's own user is in it. */
export function personAt(home: string, person?: TurnedAway): Record<string, string> {
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    BROWSER: join(root, 'test', 'tenant', 'demoBrowser.sh'),
    ...(person && { DEMO_BROWSER_PERSON: JSON.stringify(person) }),
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
  whoAmI: ({ url, way, port, ...start }) =>
    askOnStdio(start, [
      join(root, 'node_modules', 'mcp-remote', 'dist', 'proxy.js'),
      url,
      String(port),
      ...waysOfMcpRemote[way],
    ]),
};

type Asked = Pick<ClientStart, 'home' | 'tool' | 'person'>;

async function askOnStdio({ home, tool, person }: Asked, args: string[]): Promise<Known> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const env = personAt(home, person);
  const transport = new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' });
  const said = text(transport.stderr as Readable);
  try {
    await client.connect(transport);
    return knownFrom(await client.callTool({ name: tool ?? 'whoami', arguments: {} }));
  } catch (cause) {
    await client.close();
    throw new Error(`${String(cause)}\n${await said}`, { cause });
  } finally {
    await client.close();
  }
}

/** Ours: a person's settings name their tenant and our client there; no server can. */
export const connect: TeamClient = {
  name: 'omnispindle connect',
  ways: ['registered'],
  document: '',
  callback: () => callback,
  async whoAmI({ url, tenant, home, tool, person }) {
    mkdirSync(home, { recursive: true });
    const { client } = await startClient(['connect', url], {
      tenant,
      directory: home,
      ...(person && { person }),
    });
    try {
      return knownFrom(await client.callTool({ name: tool ?? 'whoami', arguments: {} }));
    } finally {
      await client.close();
      await endSignIns(home);
    }
  },
};
