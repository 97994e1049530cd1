import * as l10n from '@vscode/l10n';
import type { Allowed } from '../../broker/allowed.ts';
import { createBrokerHost } from '../../broker/host.ts';
import { messageOf } from '../../common/errors.ts';
import type { Log } from '../../common/log.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';

/** How long (ms) a token of which nobody knows when it ends is used before it is asked for again. */
const unknownLifetime = 60_000;

/** Where the tokens of a server's broker come from, and which it may have. */
export interface ServerBrokerOptions {
  readonly tokenSource: TokenSource;
  /** What every token of `tokenSource` is for. */
  readonly allowed: Allowed;
  readonly log: Log;
}

/** The way for the server that `run` starts to ask for tokens itself. */
export interface ServerBroker {
  /** What the server finds in its environment; nothing where there can be no broker. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether a process of the server is connected, and so asks again by itself whenever it needs a token. */
  isConnected(): boolean;
  dispose(): Promise<void>;
}

/**
 * Opens a broker for one server. It has a key of its own also where an editor has started us: what ours may have is
 * the editor's to decide, and whether the server asks is ours to know.
 */
export async function openServerBroker({
  tokenSource,
  allowed,
  log,
}: ServerBrokerOptions): Promise<ServerBroker> {
  const host = createBrokerHost({
    startedBy: 'run',
    log,
    // The audience and the scopes are those of the source already.
    async getToken(_holder, { audience: _api, scopes: _scopes, ...request }) {
      const token = await tokenSource.getToken(request);
      return { expiresAt: Date.now() + unknownLifetime, lifetime: unknownLifetime, ...token };
    },
  });
  try {
    const { env, isConnected } = await host.grant('', allowed);
    tokenSource.onInvalidate?.(host.invalidate);
    return { env, isConnected, dispose: host.dispose };
  } catch (error) {
    // It has its token in the variable all the same.
    log.warn(l10n.t('The server cannot ask for tokens by itself: {0}', messageOf(error)));
    return { env: {}, isConnected: () => false, dispose: host.dispose };
  }
}
