import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { useSharedDirectory } from '../../auth/fixtures.ts';
import { useTenant, useUser, type UserFixture } from '../../tenant/useTenant.ts';
import { startInnerClient, type InnerOptions } from './innerClient.ts';
import type { LineClient } from './lineClient.ts';
import { startOddServer, type OddAnswer, type OddServer } from './oddServer.ts';
import { startRawClient, type Json, type RawClient } from './rawClient.ts';

export interface OddSurroundings extends UserFixture {
  serve(answer?: OddAnswer, readBody?: (request: IncomingMessage) => Promise<string>): Promise<OddServer>;
  /** Starts `connect` with a token of the person's own. */
  connect(server: OddServer, flags?: readonly string[], more?: Connecting): Promise<RawClient>;
}

interface Connecting {
  readonly env?: Record<string, string>;
  /** Reads nothing until `stdout.resume()`. */
  readonly paused?: boolean;
}

/** Sets up odd servers and clients without an SDK, and stops them with each test. */
export function useOddServers(): OddSurroundings {
  let stops: (() => Promise<void>)[] = [];
  const given = useUser(async () => {
    await Promise.all(stops.map(stop => stop()));
    stops = [];
  });
  return {
    get tenant() {
      return given.tenant;
    },
    get directory() {
      return given.directory;
    },
    async serve(answer, readBody = text) {
      const server = await startOddServer(answer, readBody);
      stops.push(server.stop);
      return server;
    },
    async connect(server, flags = [], { env = {}, paused = false } = {}) {
      const { tenant, directory } = given;
      const own = { AUTH0_TOKEN: await tenant.sign({}), ...env };
      const client = startRawClient({ tenant, directory, env: own }, [server.url, ...flags], { paused });
      stops.push(client.stop);
      return client;
    },
  };
}

/** Odd servers, and what `connect` does before them, in this process. */
export interface InnerSurroundings {
  serve(answer?: OddAnswer): Promise<OddServer>;
  connect(server: OddServer, options?: InnerOptions): LineClient;
}

/** Sets these up, and stops them with each test: for what neither the command line nor a process has a part in. */
export function useInnerClients(): InnerSurroundings {
  let stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.map(stop => stop()));
    stops = [];
  });
  return {
    async serve(answer) {
      const server = await startOddServer(answer);
      stops.push(server.stop);
      return server;
    },
    connect({ url }, options) {
      const client = startInnerClient(url, options);
      stops.push(client.stop);
      return client;
    },
  };
}

/** A server and a client in a session with it. */
interface OddSession {
  readonly server: OddServer;
  readonly client: RawClient;
}

/**
 * Registers mocha hooks that keep one server and one client for all tests of the suite, of which each sets how the
 * server answers. After a test that failed the next one gets new ones.
 * @returns begins their session, where there is none
 */
export function useOddSession(flags: readonly string[] = []): () => Promise<OddSession> {
  const given = useTenant();
  const directory = useSharedDirectory();
  let session: OddSession | undefined;

  async function end(): Promise<void> {
    await Promise.all([session?.client.stop(), session?.server.stop()]);
    session = undefined;
  }
  beforeEach(() => {
    if (session) session.server.answer = () => undefined;
  });
  afterEach(async function () {
    if (this.currentTest?.isFailed()) await end();
  });
  after(end);

  return async () => {
    if (session) return session;
    const { tenant } = given;
    const server = await startOddServer();
    const env = { AUTH0_TOKEN: await tenant.sign({}) };
    const client = startRawClient({ tenant, directory: directory.path, env }, [server.url, ...flags]);
    session = { server, client };
    await client.begin();
    return session;
  };
}

/** That this answers that call, and a client can read it (JSON-RPC 2.0, section 5). */
export function assertWellFormed(answer: Json, id: unknown): void {
  const { jsonrpc, result, error, ...more } = answer;
  const shown = inspect(answer, { depth: 3 });
  assert.equal(jsonrpc, '2.0', shown);
  assert.equal(more['id'], id, shown);
  assert.ok(!('method' in more), shown);
  if ('error' in answer) {
    assert.ok(!('result' in answer), shown);
    const { code, message } = error as Json;
    assert.ok(Number.isInteger(code) && typeof message === 'string' && message !== '', shown);
  } else {
    assert.ok(typeof result === 'object' && result !== null && !Array.isArray(result), shown);
  }
}

/** What the answer's error says; empty where it is none. */
export function saying(answer: Json): string {
  return ((answer['error'] as Json | undefined)?.['message'] ?? '') as string;
}
