import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { useUser, type UserFixture } from '../../../tenant/useTenant.ts';
import { cli, userEnvironment } from '../../../terminal/fixtures.ts';
import { startOddServer, type OddAnswer, type OddServer } from '../oddServer.ts';
import { startRawClient, type Json, type RawClient } from '../rawClient.ts';
import { startModernServer, type ModernServer } from './modernServer.ts';

export interface ModernSurroundings extends UserFixture {
  serve(legacy?: 'reject' | 'stateless'): Promise<ModernServer>;
  serveOddly(answer?: OddAnswer): Promise<OddServer>;
  /** Starts `connect` with a token of the person's own, and no client but the test. */
  startRaw(server: { readonly url: string }, ...flags: string[]): Promise<RawClient>;
  /** Starts `connect` as the SDK's client of the modern era does, and says what it hears. */
  connect(
    server: { readonly url: string },
    more?: { readonly mode?: 'auto'; readonly flags?: string[] },
  ): Promise<{ client: Client; heard: unknown[] }>;
}

/** The `_meta` of a request of the modern era. */
const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** A request of the modern era. */
export const request = (id: unknown, method: string, params: Json = {}) => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { ...params, _meta: { ...meta, ...(params['_meta'] as Json | undefined) } },
});

/** What was posted, in order. */
export const methods = ({ requests }: Pick<ModernServer, 'requests'>) =>
  requests.map(({ method, message }) => (message?.['method'] ?? method) as string);

/** Sets servers and clients of the modern era up, and stops them with each test. */
export function useModernServers(): ModernSurroundings {
  let stops: (() => Promise<void>)[] = [];
  const given = useUser(async () => {
    await Promise.all(stops.map(stop => stop().catch(() => undefined)));
    stops = [];
  });
  const env = async () => ({ AUTH0_TOKEN: await given.tenant.sign({}) });
  return {
    get tenant() {
      return given.tenant;
    },
    get directory() {
      return given.directory;
    },
    async serve(legacy) {
      const server = await startModernServer(legacy);
      stops.push(server.stop);
      return server;
    },
    async serveOddly(answer) {
      const server = await startOddServer(answer);
      stops.push(server.stop);
      return server;
    },
    async startRaw({ url }, ...flags) {
      const { tenant, directory } = given;
      const client = startRawClient({ tenant, directory, env: await env() }, [url, ...flags]);
      stops.push(client.stop);
      return client;
    },
    async connect({ url }, { mode, flags = [] } = {}) {
      const heard: unknown[] = [];
      const client = new Client(
        { name: 'test', version: '1.0.0' },
        {
          capabilities: { elicitation: {} },
          versionNegotiation: { mode: mode ?? { pin: '2026-07-28' } },
        },
      );
      client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ann' } }));
      client.setNotificationHandler('notifications/message', ({ params }) => {
        heard.push(params.data);
      });
      client.setNotificationHandler('notifications/tools/list_changed', () => {
        heard.push('tools');
      });
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
        heard.push(params.uri);
      });
      const { tenant, directory } = given;
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'connect', url, ...flags],
        env: userEnvironment({ tenant, directory, env: await env() }),
        stderr: 'ignore',
      });
      stops.push(() => client.close());
      await client.connect(transport);
      return { client, heard };
    },
  };
}
