import { setTimeout as delay } from 'node:timers/promises';
import { isOmnispindleError, messageOf } from '../common/errors.ts';
import type { Log } from '../common/log.ts';
import type { TokenRequest, TokenSource } from '../sessions/tokenSource.ts';
import type { Waiting } from './allowed.ts';
import { askBroker, type BrokerAt } from './askBroker.ts';
import { createBrokerTokenSource, type BrokerTokenSource } from './client.ts';
import { protocolVersion } from './protocol.ts';
import type { ServerSecrets } from './serverSecrets.ts';
import { addressVariable, keyVariable } from './variables.ts';
import { openWindows, type OpenWindow } from './windowDirectory.ts';

type Source = TokenSource & Pick<BrokerTokenSource, 'secrets'>;

/** Who asks for tokens of a window that has not started it. */
export interface WindowTokenOptions {
  /** Where windows keep their records, and of which editor one is looked for. */
  readonly windows: string | undefined;
  readonly editor: string;
  /** The name of the server, and the hash of the definition that it was started by. */
  readonly server: string;
  readonly definition: string;
  /** What the client calls itself, as far as it has said so. */
  client(): string | undefined;
  /** Where tokens and secrets come from when no window is open. */
  readonly alone: Source;
  readonly log: Log;
}

/** The tokens of an open window. */
export interface WindowTokenSource extends BrokerTokenSource {
  /** Where an open window is asked what needs no person; undefined where none is open. */
  door(): Promise<BrokerAt | undefined>;
}

/** How often one need is taken to another window, because the one before is gone. */
const mostWindows = 3;
/** How long (ms) after the start of this process a window is waited for: the editor may be opening it. */
const openingTime = 5_000;
const lookEvery = 100;

/**
 * The tokens of whichever window of the editor is open: the one that last had the focus, until it is closed or takes the
 * right back, and then the next; without any, those of `alone`.
 */
export function createWindowTokenSource(options: WindowTokenOptions): WindowTokenSource {
  const { alone, log } = options;
  const listeners: (() => void)[] = [];
  let joining: Promise<BrokerTokenSource | undefined> | undefined;
  const stop = new AbortController();
  alone.onInvalidate?.(invalidated);

  function invalidated(): void {
    for (const listener of listeners) listener();
  }

  async function join(): Promise<BrokerTokenSource | undefined> {
    for (const window of await findWindows()) {
      try {
        const source = await joinWindow(window);
        source.onInvalidate?.(invalidated);
        return source;
      } catch (error) {
        if (!isGone(error) && !isOmnispindleError(error, 'server_error')) throw error;
        log.debug(`A window gives no key: ${messageOf(error)}`);
      }
    }
    return undefined;
  }

  async function findWindows(): Promise<OpenWindow[]> {
    const { windows: directory, editor } = options;
    return directory === undefined ? [] : openWindows(directory, editor, log);
  }

  async function joinWindow({ address, secret }: OpenWindow): Promise<BrokerTokenSource> {
    const { server, definition } = options;
    const client = options.client();
    const asked = { version: protocolVersion, server, definition, ...(client !== undefined && { client }) };
    const { signal } = stop;
    const { key } = await askBroker({ address, key: secret }, '/join', 'key', asked, { signal });
    const source = createBrokerTokenSource({ [addressVariable]: address, [keyVariable]: key });
    if (!source) throw new Error('A window gave an empty key.');
    return source;
  }

  /** The tokens of the window that is known, else of the next one; undefined where none is open. */
  async function joined(): Promise<BrokerTokenSource | undefined> {
    const now = (joining ??= join());
    try {
      const source = await now;
      // One may be open at the next need.
      if (!source) forget(now);
      return source;
    } catch (error) {
      forget(now);
      throw error;
    }
  }

  function forget(known: typeof joining): void {
    if (joining === known) joining = undefined;
  }

  /** Takes a need to the window, to the next one where that is gone, or to nobody's. @throws what `ask` throws */
  async function take<T>(waiting: Waiting, ask: (source: Source) => Promise<T>): Promise<T> {
    for (let tries = 0; tries < mostWindows; tries++) {
      let source = await joined();
      while (!source && !waiting.silent && performance.now() < openingTime) {
        await delay(lookEvery, undefined, waiting.signal && { signal: waiting.signal });
        source = await joined();
      }
      if (!source) break;
      const asked = joining;
      try {
        return await ask(source);
      } catch (error) {
        if (!isGone(error)) throw error;
        source.dispose();
        forget(asked);
      }
    }
    return ask(alone);
  }

  return {
    asksPerson: true,
    getToken: (request: TokenRequest) => take(request, source => source.getToken(request)),
    secrets: (waiting: Waiting): Promise<ServerSecrets> => take(waiting, source => source.secrets(waiting)),
    report(problem) {
      void joining?.then(source => source?.report?.(problem)).catch(() => undefined);
    },
    async door() {
      const [window] = await findWindows();
      return window && { address: window.address, key: window.secret };
    },
    onInvalidate(listener) {
      listeners.push(listener);
    },
    dispose() {
      stop.abort();
      alone.dispose?.();
      void joining?.then(source => source?.dispose()).catch(() => undefined);
    },
  };
}

function isGone(error: unknown): boolean {
  return isOmnispindleError(error, 'session_lost');
}
