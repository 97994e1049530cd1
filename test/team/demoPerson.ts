import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Person } from '../tenant/browserless.ts';
import type { Team } from './team.ts';

const root = join(import.meta.dirname, '..', '..');

/** Somebody at their own machine, with an MCP client. */
export interface DemoPerson {
  /** Starts the client. */
  start(): Promise<void>;
  /** Calls a tool. @throws Error with what it says where it fails */
  call(tool: string, input?: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * Starts `omnispindle connect URL`, when it is told to, as an MCP client does, with a home of its own and a browser that fills in the login
 * page. Nothing but the address is configured; the tenant is the demo's, where others have theirs by default.
 */
export function createDemoPerson(
  { url, tenant, directory }: Pick<Team, 'url' | 'tenant' | 'directory'>,
  name: string,
  account: Person,
): DemoPerson {
  const home = join(directory, name);
  mkdirSync(home);
  const client = new Client({ name: 'demo', version: '1.0.0' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [join(root, 'dist', 'cli.js'), 'connect', url],
    cwd: home,
    // It tells the person what it waits for; here the demo does.
    stderr: 'ignore',
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      OMNISPINDLE_DATA_DIR: join(home, 'data'),
      AUTH0_DOMAIN: tenant.domain,
      AUTH0_CLIENT_ID: tenant.clientId,
      AUTH0_AUDIENCE: tenant.audience,
      BROWSER: join(root, 'test', 'tenant', 'demoBrowser.sh'),
      DEMO_BROWSER_PERSON: JSON.stringify(account),
    },
  });
  return {
    start: () => client.connect(transport),
    async call(tool, input = {}) {
      const result = await client.callTool({ name: tool, arguments: input }, undefined, {
        timeout: 120_000,
        onprogress: () => undefined,
      });
      if (result.isError) {
        throw new Error((result.content as { text: string }[]).map(({ text }) => text).join('\n'));
      }
      return result.structuredContent as Record<string, unknown>;
    },
    close: () => client.close(),
  };
}
