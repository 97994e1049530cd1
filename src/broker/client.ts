import { request as httpRequest, type IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { errorTold } from '../auth/authError.ts';
import { OmnispindleError } from '../common/errors.ts';
import { eventIn } from '../sessions/signInNews.ts';
import { cacheToken, type LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import { lookAtSocket } from './socketOwner.ts';
import { protocolVersion, tokenReplySchema, type TokenReply } from './protocol.ts';
import { addressVariable, keyVariable } from './variables.ts';

/** What every token of a source is for. */
export interface BrokerTokens extends Pick<TokenRequest, 'audience' | 'scopes'> {
  /** Whether each has all the scopes that the key is for. */
  readonly allScopes?: boolean;
}

/**
 * The tokens of the broker that the environment names, and undefined where it names none. The broker is
 * asked at the first need; from then on a token is used until near its end or until the broker takes it back.
 * @param always what every token is for, where that is not the key's audience, and its scopes besides the default ones
 */
export function createBrokerTokenSource(
  env: NodeJS.ProcessEnv,
  always: BrokerTokens = {},
): (TokenSource & { dispose(): void }) | undefined {
  const address = env[addressVariable];
  const key = env[keyVariable];
  if (!address || !key) return undefined;
  return connect(address, key, always);
}

function connect(address: string, key: string, always: BrokerTokens): TokenSource & { dispose(): void } {
  const stop = new AbortController();
  let events: Promise<void> | undefined;
  const source = cacheToken(fetchToken, always);

  async function fetchToken(
    request: TokenRequest & { readonly scopes: readonly string[] },
  ): Promise<LiveToken> {
    const { audience, scopes, hints: stepUp } = request;
    const body = JSON.stringify({
      version: protocolVersion,
      ...(request.rejected !== undefined && { rejected: request.rejected }),
      ...(audience !== undefined && { audience }),
      ...(scopes.length > 0 && { scopes }),
      ...(always.allScopes && { allScopes: true }),
      ...(stepUp && { stepUp }),
      ...(request.silent && { silent: true }),
    });
    const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
    await unlessAborted((events ??= openEvents()), signal);
    for await (const line of lines(await send('POST', '/token', signal, body), signal)) {
      const reply = parseReply(line);
      if (reply.type === 'token') {
        const { accessToken, expiresAt, lifetime, account } = reply;
        // A window of an earlier version knows no audience but the tenant's.
        if (audience !== undefined && reply.audience !== audience) {
          throw misunderstood(l10n.t('a token for another API'));
        }
        return { accessToken, expiresAt, lifetime, ...(account && { account }) };
      }
      if (reply.type === 'error') throw errorTold(reply);
      request.onProgress?.(eventIn(reply));
    }
    throw windowGone();
  }

  /** Their end means that the window is gone, or has taken the key back. */
  async function openEvents(): Promise<void> {
    try {
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
    } catch (error) {
      events = undefined;
      throw error;
    }
  }

  function send(method: string, path: string, signal: AbortSignal, body?: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // Before every connection: what was ours a moment ago may have been tidied away, and made again by another.
      const found = lookAtSocket(address);
      if (found !== 'user') throw found === 'nothing' ? windowGone() : foreign(address);
      const outgoing = httpRequest(
        {
          socketPath: address,
          // Questions are rare: a connection kept for the next one could only be found closed.
          agent: false,
          method,
          path,
          signal,
          headers: {
            authorization: `Bearer ${key}`,
            ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          },
        },
        response => {
          if (response.statusCode === 200) {
            resolve(response);
          } else {
            response.destroy();
            reject(refused(response.statusCode));
          }
        },
      );
      outgoing.on('error', error => {
        reject(signal.aborted ? error : windowGone(error));
      });
      outgoing.end(body);
    });
  }

  return {
    asksPerson: true,
    getToken: request => source.getToken(request),
    onInvalidate: source.onInvalidate,
    dispose() {
      stop.abort();
    },
  };
}

/** The lines of a response. @throws OmnispindleError where the window goes before its end */
async function* lines(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      const parts = (rest + String(chunk)).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch (error) {
    throw signal.aborted ? error : windowGone(error);
  }
}

function parseReply(line: string): TokenReply {
  try {
    return tokenReplySchema.parse(JSON.parse(line));
  } catch {
    // Without the cause, which quotes the line.
    throw misunderstood(l10n.t('an unknown reply'));
  }
}

function windowGone(cause?: unknown): OmnispindleError {
  return new OmnispindleError(
    'session_lost',
    l10n.t(
      'The editor window that started this server is closed, or restarts it as another account. Call the tool again; if it fails again, start the server from the editor.',
    ),
    { cause },
  );
}

function foreign(address: string): OmnispindleError {
  return new OmnispindleError(
    'storage_failed',
    l10n.t(
      '{0} is not proven to be your own editor’s: another user of this machine may have put it there. Nothing was sent to it. Start the server again from the editor; if this comes back, see whose it is: ls -la {1}',
      address,
      dirname(address),
    ),
  );
}

function refused(status: number | undefined): OmnispindleError {
  if (status !== 429) return misunderstood(status);
  return new OmnispindleError(
    'server_error',
    l10n.t('Too many calls wait for a token at once. Try again in a moment.'),
  );
}

function misunderstood(what: unknown): OmnispindleError {
  return new OmnispindleError(
    'server_error',
    l10n.t(
      'The editor and this server do not understand each other ({0}). Reload the window to bring both to one version.',
      String(what),
    ),
  );
}
