import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, lstatSync, rmSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as l10n from '@vscode/l10n';
import { AuthError, isAuthError } from '../auth/errors.ts';
import type { Log } from '../auth/log.ts';
import type { LiveToken } from '../auth/tokenCache.ts';
import type { TokenRequest } from '../auth/tokenSource.ts';
import {
  addressVariable,
  keyVariable,
  maximumRequest,
  tokenRequestSchema,
  type TokenReply,
} from './protocol.ts';

export interface BrokerHostOptions {
  /** A good token of that account, signing in where needed. */
  getToken(account: string, request: TokenRequest): Promise<LiveToken>;
  readonly log: Log;
}

/** One server's right to ask for one account's tokens. */
export interface BrokerGrant {
  /** What the server finds in its environment. */
  readonly env: Record<string, string>;
  /** Ends the right at once. Resolves when the server itself has ended, where it ever asked for a token. */
  revoke(): Promise<void>;
}

export interface BrokerHost {
  /**
   * Makes a key for one server. It dies with the server's connection, or when revoked.
   * @throws AuthError `cancelled` after the broker was disposed of
   */
  grant(account: string): Promise<BrokerGrant>;
  /** Makes every server ask again before its next call: after a sign-out or a change of account. */
  invalidate(): void;
  dispose(): Promise<void>;
}

interface Key {
  readonly secret: Buffer;
  readonly account: string;
  readonly streams: Set<ServerResponse>;
  readonly waiting: Set<ServerResponse>;
  /** Resolved when the server has ended. */
  readonly ended: PromiseWithResolvers<void>;
}

interface Listening {
  readonly address: string;
  readonly server: Server;
  readonly directory?: string;
}

/** Requests of each kind one server may have under way, and connections of all servers together. */
const maximumWaiting = 64;
const maximumConnections = 512;

/**
 * Hands tokens to the servers this window started, over a socket in a directory only the user can enter
 * (a named pipe on Windows). Listens from the first grant on.
 */
export function createBrokerHost({ getToken, log }: BrokerHostOptions): BrokerHost {
  const keys = new Set<Key>();
  let listening: Promise<Listening> | undefined;
  let opened: Listening | undefined;
  let disposed = false;

  function open(): Promise<Listening> {
    if (opened && !isReachable(opened)) {
      close(opened);
      opened = listening = undefined;
    }
    return (listening ??= listen().then(
      now => (opened = now),
      (error: unknown) => {
        listening = undefined;
        throw error;
      },
    ));
  }

  async function listen(): Promise<Listening> {
    const server = createServer({
      requestTimeout: 10_000,
      headersTimeout: 5_000,
      connectionsCheckingInterval: 2_000,
      requireHostHeader: false,
    });
    // Besides requests also what Node would answer by itself, before anybody looked at the key.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      server.on(
        event,
        (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
      );
    }
    server.maxConnections = maximumConnections;
    // What comes behind another request does not hear of its connection's end (Node 22) and would keep its place.
    server.maxRequestsPerSocket = 1;
    server.on('clientError', (_error, socket) => socket.destroy());
    if (process.platform === 'win32') {
      const address = `\\\\.\\pipe\\omnispindle-${randomBytes(16).toString('hex')}`;
      await bind(server, address);
      return { server, address };
    }
    const directory = await mkdtemp(join(baseDirectory(), 'omnispindle-'));
    await chmod(directory, 0o700);
    const address = join(directory, socketName);
    await bind(server, address);
    return { server, address, directory };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = keyOf(request);
    if (!key) {
      request.destroy();
      return;
    }
    response.setHeader('connection', 'close');
    if (request.method === 'GET' && request.url === '/events') {
      openEvents(key, response);
    } else if (request.method === 'POST' && request.url === '/token') {
      await answerToken(key, request, response);
    } else {
      response.writeHead(404).end();
    }
  }

  function end(key: Key): void {
    keys.delete(key);
    for (const response of key.waiting) response.destroy();
  }

  function invalidate({ streams }: Key): void {
    for (const stream of streams) stream.write('{}\n');
  }

  function keyOf({ headers }: IncomingMessage): Key | undefined {
    const given = Buffer.from(headers.authorization?.replace(/^Bearer /, '') ?? '', 'base64url');
    let found: Key | undefined;
    for (const key of keys) {
      if (given.length === key.secret.length && timingSafeEqual(given, key.secret)) found = key;
    }
    return found;
  }

  function openEvents(key: Key, response: ServerResponse): void {
    if (key.streams.size >= maximumWaiting) {
      response.writeHead(429).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    key.streams.add(response);
    response.on('close', () => {
      key.streams.delete(response);
      if (key.streams.size > 0) return;
      end(key);
      key.ended.resolve();
    });
  }

  async function answerToken(key: Key, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (Number(request.headers['content-length'] ?? Infinity) > maximumRequest) {
      // Else the body would be read to its end.
      response.writeHead(413).end();
      return;
    }
    if (key.waiting.size >= maximumWaiting) {
      response.writeHead(429).end();
      return;
    }
    const gone = new AbortController();
    key.waiting.add(response);
    response.on('close', () => {
      key.waiting.delete(response);
      gone.abort();
    });
    const parsed = tokenRequestSchema.safeParse(await json(request));
    if (!parsed.success) {
      response.writeHead(400).end();
      return;
    }
    const { rejected, scopes } = parsed.data;
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const say = (reply: TokenReply) => {
      // Progress may come after the answer, and a write then would be an error nobody handles.
      if (!response.writableEnded) response.write(`${JSON.stringify(reply)}\n`);
    };
    try {
      const { accessToken, expiresAt, lifetime, account } = await getToken(key.account, {
        signal: gone.signal,
        onProgress: message => {
          say({ type: 'progress', message });
        },
        ...(rejected !== undefined && { rejected }),
        ...(scopes && { scopes }),
      });
      // A key that died in the meantime gets nothing any more.
      if (keys.has(key)) say({ type: 'token', accessToken, expiresAt, lifetime, account });
    } catch (error) {
      if (!isAuthError(error)) log.error(`The broker failed: ${nameOf(error)}`);
      say({
        type: 'error',
        code: isAuthError(error) ? error.code : 'server_error',
        message: isAuthError(error)
          ? error.message
          : l10n.t('Omnispindle failed. See its log in the editor: "Omnispindle: Show Log".'),
      });
    } finally {
      response.end();
    }
  }

  return {
    async grant(account) {
      if (disposed) throw new AuthError('cancelled', l10n.t('This editor window is closing.'));
      const { address } = await open();
      const key: Key = {
        secret: randomBytes(32),
        account,
        streams: new Set(),
        waiting: new Set(),
        ended: Promise.withResolvers(),
      };
      keys.add(key);
      return {
        env: { [addressVariable]: address, [keyVariable]: key.secret.toString('base64url') },
        async revoke() {
          end(key);
          if (key.streams.size === 0) return;
          invalidate(key);
          await key.ended.promise;
        },
      };
    },
    invalidate() {
      for (const key of keys) invalidate(key);
    },
    async dispose() {
      disposed = true;
      keys.clear();
      const last = await listening?.catch(() => undefined);
      if (!last) return;
      close(last);
      // Synchronously, because a process that ends does not wait for more.
      if (last.directory !== undefined) rmSync(last.directory, { recursive: true, force: true });
    },
  };
}

const socketName = 'broker.sock';

/** Longest path of a socket, in bytes: macOS allows the least. */
const maximumAddress = 103;

/** The temporary directory, unless its name leaves no room for that of a socket in it. */
function baseDirectory(): string {
  const longest = Buffer.byteLength(join(tmpdir(), 'omnispindle-XXXXXX', socketName));
  return longest <= maximumAddress ? tmpdir() : '/tmp';
}

/**
 * Whether servers still find our socket. What tidies temporary directories may have taken it from a window
 * that is open for weeks, and somebody else may have put theirs in its place.
 */
function isReachable({ address, directory }: Listening): boolean {
  if (directory === undefined) return true;
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found?.uid === process.getuid?.() && existsSync(address);
}

function close({ server }: Listening): void {
  server.closeAllConnections();
  server.close();
}

/** For the log. What is no error could be anything, a secret too. */
function nameOf(error: unknown): string {
  return error instanceof Error ? String(error) : `it was given ${typeof error} instead of an error`;
}

async function json(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
