import * as l10n from '@vscode/l10n';
import type { Log } from '../../common/log.ts';
import type { Token, TokenRequest, TokenSource } from '../../sessions/tokenSource.ts';
import { unlessAborted } from '../../common/unlessAborted.ts';
import { createTokenTimer } from './tokenTimer.ts';

/** What decides when a server is started with its next token. */
export interface LocalTokensOptions {
  readonly tokenSource: TokenSource;
  readonly log: Log;
  /** Whether no call is under way, in either direction. */
  isIdle(): boolean;
  /** Whether something is to come of the server although no call is under way. */
  isWatched(): boolean;
  /** Whether the server asks for each token by itself; it reads one from its variable where absent. */
  asksItself?(): boolean;
  /** The token of the process that runs. */
  token(): Token | undefined;
  /** Starts the next process. @param again whether it is told what the client told the one before */
  start(token: Token, again: boolean): Promise<void>;
  /** It is time for the next token: `renew` is to be called in its turn. */
  onDue(): void;
}

/**
 * Makes sure that the server has a valid token. One that reads it from its variable is started again with the next one,
 * only while it is idle; one that asks for each token goes on.
 */
export function createLocalTokens(options: LocalTokensOptions) {
  const { tokenSource, log, isIdle, isWatched, token: running, start, asksItself } = options;
  let isUsed = false;
  let whenIdle: (() => void) | undefined;
  /** In use, the server gets its next token before this one ends; idle, at its next call. */
  const timer = createTokenTimer(() => {
    if ((isUsed || isWatched()) && isIdle()) options.onDue();
  });

  async function startWith(token: Token, again: boolean): Promise<void> {
    isUsed = false;
    await start(token, again);
    timer.plan(token);
  }

  /** Whether the server must be started again to have that token. */
  function needsStart({ accessToken, account }: Token): boolean {
    const before = running();
    if (!before) return true;
    if (before.accessToken === accessToken) return false;
    // What a server keeps in its memory for one account is not for another.
    return !asksItself?.() || before.account?.label !== account?.label;
  }

  function idle(signal: AbortSignal): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    whenIdle = () => {
      resolve(undefined);
    };
    return unlessAborted(promise, signal);
  }

  return {
    /**
     * Waits until the server has a valid token.
     * @param again whether a new process is told what the client told the one before
     * @throws OmnispindleError where there is no token, Error where the server cannot be started
     */
    async prepare(
      request: TokenRequest & Required<Pick<TokenRequest, 'signal' | 'onProgress'>>,
      again: boolean,
    ): Promise<void> {
      for (;;) {
        const token = await tokenSource.getToken(request);
        if (!needsStart(token)) break;
        if (isIdle()) {
          await startWith(token, again);
          break;
        }
        const before = running();
        if (before && (before.expiresAt ?? Infinity) > Date.now()) return;
        const message = l10n.t('Waiting for the server’s other calls, to start it with a new token.');
        request.onProgress({ type: 'message', message });
        // The wait may outlast this token, too.
        await idle(request.signal);
      }
      isUsed = true;
    },
    /** Gives an idle server its next token. Never rejects. */
    async renew(): Promise<void> {
      try {
        const token = await tokenSource.getToken({ silent: true });
        if (isIdle() && running() && needsStart(token)) await startWith(token, true);
      } catch (error) {
        // Its next call tries again, and says what is wrong.
        log.warn(String(error));
      }
    },
    /** Notes that a call has ended. */
    look(): void {
      if (!isIdle()) return;
      whenIdle?.();
      whenIdle = undefined;
    },
    stop: timer.stop,
  };
}
