import { Client, type ClientCapabilities } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Era } from '../../src/server/stdio.ts';
import { createStdioServer, type StdioServerOptions } from '../../src/server/stdioServer.ts';
import { memoryLog } from '../auth/fixtures.ts';

/** The revision of the newer era. */
export const revision = '2026-07-28';

/** What every request of the newer era carries (MCP 2026-07-28, "_meta"). */
export function envelope(capabilities: object = {}, version = revision): Record<string, unknown> {
  return {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
}

/** A client of that era, in front of the bundled server. */
export async function connectInEra(
  era: Era,
  options: Pick<StdioServerOptions, 'gate' | 'store'>,
  capabilities: ClientCapabilities = {},
): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(
    context =>
      createStdioServer({
        ...options,
        loadout: 'full',
        log: memoryLog(),
        version: '1.2.3',
        era: context.era,
      }),
    { transport: near },
  );
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities, versionNegotiation: { mode: era === 'modern' ? { pin: revision } : 'legacy' } },
  );
  await client.connect(far);
  client.onclose = () => void server.close();
  return client;
}
