import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { SdkProvider } from './sdkProvider.ts';

/** A client of an SDK, and how it connects. */
export interface SdkConnection {
  readonly client: Client | ModernClient;
  /** Resolves when it is connected; rejects where somebody must sign in first. */
  connect(): Promise<void>;
  finish(callback: URL): Promise<void>;
}

const info = { name: 'test', version: '1.0.0' };

const ofModern = (revision: '2025-11-25' | '2026-07-28') => (url: URL, authProvider: SdkProvider) => {
  const transport = new ModernTransport(url, { authProvider });
  const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
  const client = new ModernClient(info, { versionNegotiation: { mode } });
  return {
    client,
    connect: () => client.connect(transport),
    finish: ({ searchParams }: URL) => transport.finishAuth(searchParams),
  };
};

/** The SDK for TypeScript, of its first and its second version, in each era. */
export const sdkConnections: Readonly<
  Record<string, (url: URL, authProvider: SdkProvider) => SdkConnection>
> = {
  'SDK v1'(url, authProvider) {
    const transport = new StreamableHTTPClientTransport(url, { authProvider });
    const client = new Client(info);
    return {
      client,
      connect: () => client.connect(transport),
      async finish({ searchParams }) {
        // The first version takes nothing but a code: to read an error is up to the program.
        const code = searchParams.get('code');
        if (code === null) throw new Error(searchParams.get('error_description') ?? 'No code came back.');
        await transport.finishAuth(code);
      },
    };
  },
  'SDK v2 that speaks 2025-11-25': ofModern('2025-11-25'),
  'SDK v2 that speaks 2026-07-28': ofModern('2026-07-28'),
};
