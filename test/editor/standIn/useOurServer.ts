import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CancellationTokenSource } from './basics.ts';
import type { StandIn } from './startExtension.ts';
import type { StandInFixture } from './useStandIn.ts';

/** Registers a mocha hook that ends them, and gives what starts our server as the editor itself does. */
export function useOurServer(given: StandInFixture): (window: StandIn) => Promise<Client> {
  let clients: Client[] = [];
  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()));
    clients = [];
  });

  return async window => {
    const [definition] = await given.definitions(window);
    const { token } = new CancellationTokenSource();
    const resolved = definition && (await window.mcp()?.resolveMcpServerDefinition?.(definition, token));
    assert.ok(resolved);
    const env = Object.entries({ PATH: process.env['PATH'], ...resolved.env });
    const client = new Client({ name: 'editor', version: '1.0.0' });
    clients.push(client);
    await client.connect(
      new StdioClientTransport({
        command: resolved.command,
        args: resolved.args,
        env: Object.fromEntries(env.map(([name, value]) => [name, String(value)])),
        stderr: 'ignore',
      }),
    );
    return client;
  };
}
