import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type OAuthDiscoveryState,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signInByForm } from '../tenant/browserless.ts';
import { listenOnLoopback } from '../tenant/loopback.ts';
import { knownFrom, registeredId, type ClientStart, type TeamClient } from './teamClient.ts';

const callback = (port: number) => `http://localhost:${String(port)}/callback`;

/** What a program keeps between its starts, by its home; the SDKs leave that to whoever uses them. */
const kept = new Map<string, Keeper>();

interface Keeper {
  information?: { client_id: string };
  tokens?: { access_token: string; token_type: string };
  verifier?: string;
  discovery?: OAuthDiscoveryState;
  /** Where the browser came back to. */
  cameBack?: URL;
}

/** What both SDKs ask of a program that signs a person in. */
function providerOf(keeper: Keeper, document: string, { way, port, person }: ClientStart) {
  return {
    redirectUrl: callback(port),
    ...(way === 'document' && { clientMetadataUrl: document }),
    clientMetadata: {
      client_name: 'A program of the SDK',
      redirect_uris: [callback(port)],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () =>
      keeper.information ?? (way === 'registered' ? { client_id: registeredId } : undefined),
    saveClientInformation(information: { client_id: string }) {
      keeper.information = information;
    },
    tokens: () => keeper.tokens,
    saveTokens(tokens: { access_token: string; token_type: string }) {
      keeper.tokens = tokens;
    },
    async redirectToAuthorization(url: URL) {
      keeper.cameBack = new URL((await signInByForm(url.href, person)).url);
    },
    saveCodeVerifier(verifier: string) {
      keeper.verifier = verifier;
    },
    codeVerifier: () => keeper.verifier ?? '',
    saveDiscoveryState(discovery: OAuthDiscoveryState) {
      keeper.discovery = discovery;
    },
    discoveryState: () => keeper.discovery,
  };
}

interface Connection {
  readonly client: Client | ModernClient;
  /** Resolves when it is connected; rejects where somebody must sign in first. */
  connect(): Promise<void>;
  finish(callback: URL): Promise<void>;
}

type Open = (url: URL, provider: ReturnType<typeof providerOf>) => Connection;

function sdkClient(name: string, open: Open): TeamClient {
  const document = `https://sdk.example/${name.replaceAll(' ', '-')}.json`;
  return {
    name,
    ways: ['dynamic', 'document', 'registered'],
    callback,
    document,
    async whoAmI(start) {
      const keeper = kept.get(start.home) ?? {};
      kept.set(start.home, keeper);
      const provider = providerOf(keeper, document, start);
      const url = new URL(start.url);
      const browserComesBack = await listenOnLoopback(start.port);
      browserComesBack.serve((_request, response) => response.end('You are signed in.'));
      try {
        let connection = open(url, provider);
        if (!keeper.tokens) {
          const refused: unknown = await connection.connect().catch((error: unknown) => error);
          if (!keeper.cameBack) throw refused;
          await connection.finish(keeper.cameBack);
          connection = open(url, provider);
        }
        await connection.connect();
        const answer = await connection.client.callTool({ name: start.tool ?? 'whoami', arguments: {} });
        await connection.client.close();
        return knownFrom(answer);
      } finally {
        await browserComesBack.close();
      }
    },
  };
}

const info = { name: 'test', version: '1.0.0' };

/** Programs that are made with the SDK for TypeScript, of its first and its second version, in each era. */
export const sdkClients: readonly TeamClient[] = [
  sdkClient('a client of SDK v1', (url, authProvider) => {
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
  }),
  ...(['2025-11-25', '2026-07-28'] as const).map(revision =>
    sdkClient(`a client of SDK v2 that speaks ${revision}`, (url, authProvider) => {
      const transport = new ModernTransport(url, { authProvider });
      const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
      const client = new ModernClient(info, { versionNegotiation: { mode } });
      return {
        client,
        connect: () => client.connect(transport),
        finish: ({ searchParams }) => transport.finishAuth(searchParams),
      };
    }),
  ),
];
