import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { startRemoteServer, type RemoteServer } from '../bridge/remote/remoteServer.ts';
import { startTenant, type DemoTenant } from '../tenant/tenant.ts';
import { useUser, type UserFixture } from '../tenant/useTenant.ts';
import { startClient, type Served, type Surroundings } from './fixtures.ts';

const environmentServer = join(import.meta.dirname, '..', 'bridge', 'local', 'environmentServer.mjs');

/** A command that is an MCP server. */
export type ServerCommand = 'serve' | 'connect' | 'run';
export const serverCommands: readonly ServerCommand[] = ['serve', 'connect', 'run'];
/** A tool of each. */
const tools = { serve: 'whoami', connect: 'echo', run: 'state' } as const;

/** A user whose working directory may have a `.env`, and what an attacker has. */
export interface EnvFileFixture extends UserFixture {
  /** Of the `.env`. */
  readonly path: string;
  /** A tenant of the attacker's. */
  readonly evil: DemoTenant;
  /** A `.env` that names it. */
  readonly evilFile: string;
  readonly remote: RemoteServer;
  here(env?: Record<string, string>, more?: Partial<Surroundings>): Surroundings;
  /** Starts a command that is an MCP server, as a client does. */
  start(command: ServerCommand, surroundings: Surroundings, args?: readonly string[]): Promise<Served>;
}

/** The environment in which nothing names a tenant; Omnispindle's own cannot be reached from a test. */
export const unset = {
  AUTH0_DOMAIN: '',
  AUTH0_CLIENT_ID: '',
  AUTH0_AUDIENCE: '',
  HTTPS_PROXY: 'http://127.0.0.1:9',
};

/** Registers the mocha hooks of a user, and of what an attacker has. Read it while a test runs. */
export function useEnvFile(): EnvFileFixture {
  let evil: DemoTenant;
  let remote: RemoteServer;
  const clients: Client[] = [];
  const given = useUser(async () => {
    await Promise.all(clients.splice(0).map(client => client.close()));
  });
  before(async () => {
    [evil, remote] = await Promise.all([startTenant(), startRemoteServer()]);
  });
  after(async () => {
    await Promise.all([evil.close(), remote.stop()]);
  });
  beforeEach(() => {
    evil.resetCounters();
    remote.requests.length = 0;
  });

  return {
    get tenant() {
      return given.tenant;
    },
    get directory() {
      return given.directory;
    },
    get path() {
      return join(given.directory, '.env');
    },
    get evil() {
      return evil;
    },
    get evilFile() {
      const { domain, clientId, audience } = evil;
      return `AUTH0_DOMAIN=${domain}\nAUTH0_CLIENT_ID=${clientId}\nAUTH0_AUDIENCE=${audience}\n`;
    },
    get remote() {
      return remote;
    },
    here: (env = {}, more = {}) => ({ tenant: given.tenant, directory: given.directory, env, ...more }),
    async start(command, surroundings, args = []) {
      const rest = {
        serve: [],
        connect: [remote.url, '--default-audience'],
        run: ['--variable', 'API_TOKEN', '--', process.execPath, environmentServer],
      }[command];
      const served = await startClient([command, ...args, ...rest], surroundings);
      clients.push(served.client);
      return served;
    },
  };
}

/** Calls the command's tool. @returns its answer and what its progress told meanwhile */
export async function callTold(command: ServerCommand, { client }: Served) {
  const told: string[] = [];
  const { content, isError } = await client.callTool(callOf(command), undefined, {
    timeout: 30_000,
    onprogress: ({ message }) => {
      told.push(message ?? '');
    },
  });
  return { told, isError, texts: (content as { text: string }[]).map(({ text }) => text) };
}

/** A call of the command's tool. */
export const callOf = (command: ServerCommand) => ({
  name: tools[command],
  arguments: command === 'connect' ? { text: 'hi' } : {},
});

/** How often a text has that part. */
export const count = (text: string, part: string): number => text.split(part).length - 1;
