import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import * as l10n from '@vscode/l10n';
import { AuthError, type AuthErrorCode } from '../auth/errors.ts';
import { cacheToken, type LiveToken } from '../auth/tokenCache.ts';
import type { TokenRequest, TokenSource } from '../auth/tokenSource.ts';
import {
  addressVariable,
  keyVariable,
  protocolVersion,
  tokenReplySchema,
  type TokenReply,
} from './protocol.ts';

/**
 * The tokens of the broker that the environment names, and undefined where it names none. The broker is
 * asked at the first need; from then on a token is used until near its end or until the broker takes it back.
 * @param scopes what every token must have besides the default ones
 */
export function brokerTokenSource(
  env: NodeJS.ProcessEnv,
  scopes: readonly string[] = [],
): (TokenSource & { dispose(): void }) | undefined {
  const address = env[addressVariable];
  const key = env[keyVariable];
  if (!address || !key) return undefined;
  return connect(address, key, scopes);
}

function connect(address: string, key: string, always: readonly string[]): TokenSource & { dispose(): void } {
  const agent = new Agent({ keepAlive: true });
  const stop = new AbortController();
  let events: Promise<void> | undefined;
  const source = cacheToken(fetchToken);

  async function fetchToken(request: TokenRequest): Promise<LiveToken> {
    await (events ??= openEvents());
    const scopes = [...new Set([...always, ...(request.scopes ?? [])])];
    const body = JSON.stringify({
      version: protocolVersion,
      ...(request.rejected !== undefined && { rejected: request.rejected }),
      ...(scopes.length > 0 && { scopes }),
    });
    const signal = request.signal ?? stop.signal;
    const response = await send('POST', '/token', signal, body);
    for await (const reply of repliesOf(response, signal)) {
      if (reply.type === 'token') {
        const { account, ...token } = reply;
        return { ...token, ...(account && { account }) };
      }
      if (reply.type === 'error') throw new AuthError(reply.code as AuthErrorCode, reply.message);
      request.onProgress?.(reply.message);
    }
    throw windowGone();
  }

  /** Its end means that the window is gone, or has taken the key back. */
  async function openEvents(): Promise<void> {
    const response = await send('GET', '/events', stop.signal);
    response.socket.unref();
    response.on('data', () => {
      source.invalidate();
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      source.invalidate();
      events = undefined;
    });
  }

  function send(method: string, path: string, signal: AbortSignal, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          socketPath: address,
          agent,
          method,
          path,
          signal,
          headers: {
            authorization: `Bearer ${key}`,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          },
        },
        response => {
          if (response.statusCode === 200) resolve(response);
          else reject(refused(response.statusCode));
        },
      );
      outgoing.on('error', error => {
        reject(signal.aborted ? error : windowGone(error));
      });
      outgoing.end(body);
    });
  }

  return {
    getToken: request => source.getToken(request),
    dispose() {
      stop.abort();
      agent.destroy();
    },
  };
}

async function* repliesOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<TokenReply> {
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  for (;;) {
    const line = await lines.next().catch((error: unknown) => {
      throw signal.aborted ? error : windowGone(error);
    });
    if (line.done) return;
    yield tokenReplySchema.parse(JSON.parse(line.value));
  }
}

function windowGone(cause?: unknown): AuthError {
  return new AuthError(
    'session_lost',
    l10n.t(
      'The editor window that started this server is closed, or no longer lets it act for anybody. Start the server again from the editor.',
    ),
    { cause },
  );
}

function refused(status: number | undefined): AuthError {
  return new AuthError(
    'server_error',
    status === 429
      ? l10n.t('Too many calls wait for a token at once. Try again in a moment.')
      : l10n.t(
          'The editor did not understand this server ({0}). Reload the window to bring both to one version.',
          String(status),
        ),
  );
}
