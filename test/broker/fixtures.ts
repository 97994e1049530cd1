import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { LiveToken } from '../../src/sessions/tokenCache.ts';
import type { TokenRequest } from '../../src/sessions/tokenSource.ts';
import { createBrokerHost, type BrokerHost, type BrokerHostOptions } from '../../src/broker/host.ts';
import { addressVariable, keyVariable } from '../../src/broker/variables.ts';
import { memoryLog } from '../auth/fixtures.ts';
import type { Answer, Order, Wanted } from './server.ts';

type Final = Exclude<Answer, { progress: string }>;

export type Env = Record<string, string>;

/** A token that is good for an hour. */
export function token(accessToken: string): LiveToken {
  return { accessToken, expiresAt: Date.now() + 3_600_000, lifetime: 3_600_000 };
}

/** An editor's window as servers see it: a broker that gets its tokens that way. */
export function openWindow(
  getToken: (account: string, request: TokenRequest) => Promise<LiveToken>,
  more: Partial<BrokerHostOptions> = {},
): BrokerHost & { log: ReturnType<typeof memoryLog> } {
  const log = memoryLog();
  return {
    ...createBrokerHost({ getToken: ({ account }, request) => getToken(account, request), log, ...more }),
    log,
  };
}

/** A window in a process of its own. */
export async function spawnWindow(): Promise<{ env: Env; process: ChildProcess }> {
  const child = fork(join(import.meta.dirname, 'window.ts'));
  const [env] = (await once(child, 'message')) as [Env];
  return { env, process: child };
}

/** A server in a process of its own, with a broker client that asks when told to. */
export function startServer(env: Env) {
  const child = fork(join(import.meta.dirname, 'server.ts'), { env: { ...process.env, ...env } });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  let orders = 0;
  const asked = new Map<number, { progress: string[]; settle(answer: Final | PromiseLike<never>): void }>();
  const send = (order: Order) => child.send(order);
  child.on('message', (answer: Answer) => {
    const question = asked.get(answer.id);
    if ('progress' in answer) question?.progress.push(answer.progress);
    else question?.settle(answer);
  });
  void exited.then(([code, signal]) => {
    const ended = new Error(`The server ended before it answered (${String(signal ?? code)}).`);
    for (const { settle } of asked.values()) settle(Promise.reject(ended));
  });

  return {
    exited,
    /** Asks for a token. @returns the answer; `progress` hears what came before it */
    ask(wanted: Wanted = {}, progress: string[] = []) {
      const id = ++orders;
      const answer = new Promise<Final>(settle => asked.set(id, { progress, settle }));
      // Not every test waits for the answer of a server that it kills.
      answer.catch(() => undefined);
      send({ id, ask: wanted });
      return Object.assign(answer, { cancel: () => send({ id, cancel: true }) });
    },
    letGo: () => send({ letGo: true }),
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Registers a mocha hook that kills, after each test of the suite, the servers it has started. @returns what starts one */
export function useServers(): typeof startServer {
  const servers: ReturnType<typeof startServer>[] = [];
  afterEach(() => Promise.all(servers.splice(0).map(server => server.kill())));
  return env => {
    const server = startServer(env);
    servers.push(server);
    return server;
  };
}

/** One request as the protocol has it, over a connection of its own, with whatever is to be wrong in it. */
export async function post(
  env: Env,
  body: string,
  {
    key = env[keyVariable],
    path = '/token',
    headers = {},
  }: {
    key?: string | undefined;
    path?: string;
    headers?: Record<string, string | number>;
  } = {},
): Promise<{ status: number | undefined; body: string }> {
  const outgoing = request({
    socketPath: env[addressVariable],
    agent: false,
    method: 'POST',
    path,
    headers: {
      authorization: `Bearer ${String(key)}`,
      'content-length': Buffer.byteLength(body),
      ...headers,
    },
  });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

/** Says exactly that to the socket. @returns everything that came back until the broker hung up */
export async function exchange(env: Env, said: string): Promise<string> {
  const socket = dial(env);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  socket.write(said);
  await new Promise(resolve => socket.once('close', resolve));
  return heard;
}

export function dial(env: Env): Socket {
  return connect(env[addressVariable] ?? '').on('error', () => undefined);
}

/** A well-formed question. */
export const question = (more: object = {}) => JSON.stringify({ version: 1, ...more });
