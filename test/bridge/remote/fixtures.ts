import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { useUser, type UserFixture } from '../../tenant/useTenant.ts';
import { cli, signIn, userEnvironment } from '../../terminal/fixtures.ts';
import {
  startRemoteServer,
  type Interceptor,
  type RemoteServer,
  type RemoteServerOptions,
} from './remoteServer.ts';
import { streamableSessions, type Sessions } from './sessions.ts';

export interface Connected {
  readonly client: Client;
  pid(): number;
  /** The notifications that came: what was logged, and `changed` for a list of tools. */
  readonly heard: unknown[];
  /** What it wrote for people so far. */
  stderr(): string;
}

/** What a test of `connect` stands on, new for each: a person's files and a remote server. */
export interface Surroundings extends UserFixture {
  readonly remote: RemoteServer;
  /**
   * Starts `omnispindle connect` as an MCP client does. Unless a flag or `null` says otherwise, the server may have
   * tokens for the tenant's default API. Unless that is said, or a scope, or anything of the environment, the person has signed in.
   */
  connect(
    flags?: readonly string[] | null,
    env?: Record<string, string>,
    options?: RequestOptions & { readonly isSignedOut?: boolean },
  ): Promise<Connected>;
  /** The server refuses every token it has seen until now. */
  refuseOldTokens(): void;
  /** Starts another server, and stops it with the test. */
  serve(options: RemoteServerOptions): Promise<RemoteServer>;
}

/** Sets a tenant up for the suite, and the rest of {@link Surroundings} before each of its tests. */
export function useSurroundings(createSessions: () => Sessions = streamableSessions): Surroundings {
  let servers: RemoteServer[] = [];
  let clients: Client[] = [];
  let signedIn: Promise<void> | undefined;

  async function serve(options: RemoteServerOptions): Promise<RemoteServer> {
    const remote = await startRemoteServer(options);
    servers.push(remote);
    return remote;
  }

  const given = useUser(async () => {
    await Promise.all(clients.map(client => client.close()));
    await Promise.all(servers.map(remote => remote.stop()));
    clients = [];
    servers = [];
  });
  beforeEach(async () => {
    signedIn = undefined;
    await serve({ sessions: createSessions() });
  });

  return {
    get tenant() {
      return given.tenant;
    },
    get remote() {
      const [remote] = servers.slice(-1);
      if (!remote) throw new Error('There is a server only while a test runs.');
      return remote;
    },
    get directory() {
      return given.directory;
    },
    serve,
    async connect(
      flags = [],
      env = {},
      { isSignedOut = Object.keys(env).length > 0 || flags?.includes('--scope') === true, ...options } = {},
    ) {
      if (!isSignedOut) await (signedIn ??= signIn({ tenant: given.tenant, directory: given.directory }));
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [cli, 'connect', this.remote.url, ...forDefault(flags), ...(flags ?? [])],
        env: userEnvironment({ tenant: given.tenant, directory: given.directory, env }),
        stderr: 'pipe',
      });
      let stderr = '';
      (transport.stderr as Readable).on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      const { client, heard } = newClient();
      clients.push(client);
      const connected = { client, heard, stderr: () => stderr, pid: () => transport.pid ?? 0 };
      await client.connect(transport, options).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${stderr}`, { cause: error });
      });
      return connected;
    },
    refuseOldTokens() {
      const { requests } = this.remote;
      const old = new Set(requests.map(({ authorization }) => authorization));
      this.remote.intercept = (request, response) => {
        if (!old.has(request.headers.authorization)) return false;
        unauthorized(request, response);
        return true;
      };
    },
  };
}

function forDefault(flags: readonly string[] | null): string[] {
  return flags === null || flags.includes('--audience') ? [] : ['--default-audience'];
}

function newClient(): Pick<Connected, 'client' | 'heard'> {
  const heard: unknown[] = [];
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
  );
  client.setRequestHandler(CreateMessageRequestSchema, () => ({
    model: 'test-model',
    role: 'assistant',
    content: { type: 'text', text: 'Hello' },
  }));
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' }));
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///wool' }] }));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    heard.push(params.data);
  });
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    heard.push('changed');
  });
  return { client, heard };
}

/** Calls a tool. @returns the text of its result */
export async function text(
  { client }: Pick<Connected, 'client'>,
  name: string,
  input: Record<string, unknown> = {},
  options?: Parameters<Client['callTool']>[2],
): Promise<string | undefined> {
  const { content } = await client.callTool({ name, arguments: input }, undefined, options);
  return (content as { text: string }[])[0]?.text;
}

/** Refuses in that way. */
export const refusal =
  (status: number, headers: OutgoingHttpHeaders = {}) =>
  (...[, response]: Parameters<Interceptor>) => {
    response.writeHead(status, headers).end();
  };
export const unauthorized = refusal(401, { 'www-authenticate': 'Bearer error="invalid_token"' });

/** Answers that many of the requests it is meant for in this way, and lets all others pass. */
export function answering(
  times: number,
  method: string,
  answer: (...args: Parameters<Interceptor>) => void,
): Interceptor {
  let left = times;
  return (request, response) => {
    if (request.method !== method || left-- <= 0) return false;
    answer(request, response);
    return true;
  };
}

/** Waits until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}
