import * as l10n from '@vscode/l10n';
import { cacheToken, type LiveToken } from '../sessions/tokenCache.ts';
import type { TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import { unlessAborted } from '../common/unlessAborted.ts';
import type { Waiting } from './allowed.ts';
import { askBroker, misunderstood, sendToBroker, type BrokerAt } from './askBroker.ts';
import { protocolVersion } from './protocol.ts';
import type { ServerSecrets } from './serverSecrets.ts';
import { addressVariable, keyVariable } from './variables.ts';

/** What every token of a source is for. */
export interface BrokerTokens extends Pick<TokenRequest, 'audience' | 'scopes'> {
  /** Whether each has all the scopes that the key is for. */
  readonly allScopes?: boolean;
}

/** The tokens of a broker. */
export interface BrokerTokenSource extends TokenSource {
  /** What the setting of the server says that may be a secret. @throws OmnispindleError as `getToken` */
  secrets(waiting: Waiting): Promise<ServerSecrets>;
  dispose(): void;
}

/**
 * The tokens of the broker that the environment names, and undefined where it names none. The broker is
 * asked at the first need; from then on a token is used until near its end or until the broker takes it back.
 * @param always what every token is for, where that is not the key's audience, and its scopes besides the default ones
 */
export function createBrokerTokenSource(
  env: NodeJS.ProcessEnv,
  always: BrokerTokens = {},
): BrokerTokenSource | undefined {
  const address = env[addressVariable];
  const key = env[keyVariable];
  if (!address || !key) return undefined;
  return connect({ address, key }, always);
}

function connect(at: BrokerAt, always: BrokerTokens): BrokerTokenSource {
  const stop = new AbortController();
  let events: Promise<void> | undefined;
  /** Whether the broker was asked for a request that is not silent. */
  let isCalled = false;
  const source = cacheToken(fetchToken, always);

  async function fetchToken(
    request: TokenRequest & { readonly scopes: readonly string[] },
  ): Promise<LiveToken> {
    const { audience, scopes, hints: stepUp } = request;
    isCalled ||= !request.silent;
    const body = {
      version: protocolVersion,
      ...(request.rejected !== undefined && { rejected: request.rejected }),
      ...(audience !== undefined && { audience }),
      ...(scopes.length > 0 && { scopes }),
      ...(always.allScopes && { allScopes: true }),
      ...(stepUp && { stepUp }),
      ...(request.silent && { silent: true }),
    };
    const reply = await askBroker(at, '/token', 'token', body, await connected(request));
    const { accessToken, expiresAt, lifetime, account } = reply;
    // A window of an earlier version knows no audience but the tenant's.
    if (audience !== undefined && reply.audience !== audience) {
      throw misunderstood(l10n.t('a token for another API'));
    }
    return { accessToken, expiresAt, lifetime, ...(account && { account }) };
  }

  /** Before it is asked anything: its key ends with the last connection. */
  async function connected(request: Waiting) {
    const signal = request.signal ? AbortSignal.any([request.signal, stop.signal]) : stop.signal;
    await unlessAborted((events ??= openEvents()), signal);
    return { signal, ...(request.onProgress && { onProgress: request.onProgress }) };
  }

  /** Their end means that the window is gone, or has taken the key back. */
  async function openEvents(): Promise<void> {
    try {
      const response = await sendToBroker(at, 'GET', '/events', stop.signal);
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

  return {
    asksPerson: true,
    getToken(request) {
      // The window is to know that a tool is called, also where there is a token since the start.
      if (!request.silent && !isCalled) source.forget();
      return source.getToken(request);
    },
    async secrets(waiting) {
      const body = { version: protocolVersion, ...(waiting.silent && { silent: true }) };
      const { headers, env } = await askBroker(at, '/secrets', 'secrets', body, await connected(waiting));
      return { headers, env };
    },
    onInvalidate: source.onInvalidate,
    report(problem) {
      const body = { version: protocolVersion, ...(problem !== undefined && { problem }) };
      // A window that is gone, or of an earlier version, shows nothing.
      askBroker(at, '/report', 'noted', body, { signal: stop.signal }).catch(() => undefined);
    },
    dispose() {
      stop.abort();
    },
  };
}
