import { randomUUID } from 'node:crypto';
import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import * as l10n from '@vscode/l10n';
import { isAuthError, messageOf } from '../auth/errors.ts';
import type { Log } from '../auth/log.ts';
import { renewableFrom } from '../auth/session.ts';
import type { Token, TokenSource } from '../auth/tokenSource.ts';
import { unlessAborted } from '../auth/unlessAborted.ts';
import { clientGone } from './clientGone.ts';
import { createClientMemory } from './clientMemory.ts';
import { isRequest } from './connect/message.ts';
import { startServerProcess, type ServerProcess } from './serverProcess.ts';
import { openStdio, stoppedReading } from './stdio.ts';
import { bridgeNotice, waitingProgress, type WaitingProgress } from './waitingProgress.ts';

export interface LocalServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The variable in which the server finds its token. */
  readonly variable: string;
  /** The rest of the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly tokenSource: TokenSource;
  readonly log: Log;
}

interface Child {
  readonly process: ServerProcess;
  readonly token: Token;
  used: boolean;
}

/**
 * Runs a stdio server that reads its token from its environment, at its start only. Before the token ends,
 * and whenever another one counts, the server is started anew while none of its calls is under way, and is
 * told what the client told the one before; the client sees one server that never stops.
 * Ends when the client goes away or the server does.
 * @throws Error where the server cannot be started or has ended by itself, or a message is too long
 */
export async function runLocalServer(options: LocalServerOptions): Promise<void> {
  const { tokenSource, log } = options;
  const local = openStdio();
  /** Requests of the client, and of the server, that wait for their answer. */
  const calls = new Map<RequestId, AbortController>();
  const asked = new Set<RequestId>();
  const forwarded = new Set<RequestId>();
  /** Our own requests to the server. */
  const own = new Map<RequestId, () => void>();
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const told = createClientMemory();
  let child: Child | undefined;
  let renewal: NodeJS.Timeout | undefined;
  let whenIdle: (() => void) | undefined;
  let isOver = false;
  /** Messages keep their order, also past a restart. */
  let turn: Promise<void> = Promise.resolve();

  local.onmessage = message => {
    // The server waits for these, so they must not wait for its restart.
    if (!('method' in message) || message.method === 'notifications/cancelled') {
      void pass(message);
      return;
    }
    // Noted before its turn comes, because it may be cancelled until then.
    if (isRequest(message)) calls.set(message.id, new AbortController());
    turn = turn.then(() => fromClient(message)).catch(ended.reject);
  };
  local.onerror = error => {
    log.warn(String(error));
  };
  const over = Promise.race([clientGone(), stoppedReading(local), ended.promise]);
  await local.start();
  let signal: NodeJS.Signals | undefined;
  try {
    signal = await over;
  } finally {
    isOver = true;
    clearTimeout(renewal);
    const last = child?.process;
    child = undefined;
    await last?.end(signal);
    await local.close();
  }

  async function fromClient(message: JSONRPCMessage): Promise<void> {
    if (!isRequest(message)) {
      told.remember(message);
      return pass(message);
    }
    const call = calls.get(message.id);
    // Cancelled before its turn came.
    if (!call) return;
    told.remember(message);
    const waiting = waitingProgress({
      _meta: message.params?._meta,
      sendNotification: notification => local.send({ jsonrpc: '2.0', ...notification } as JSONRPCMessage),
      signal: call.signal,
    });
    try {
      await refresh(message, waiting);
    } catch (error) {
      calls.delete(message.id);
      if (call.signal.aborted) return;
      const text = waiting.explain(messageOf(error));
      await local.send({ jsonrpc: '2.0', id: message.id, error: { code: -32_000, message: text } });
      if (!child && !isAuthError(error)) throw error;
      return;
    } finally {
      waiting.stop();
    }
    if (call.signal.aborted) return;
    forwarded.add(message.id);
    await pass(message);
  }

  /** Sees to it that the server has a token that is good now. */
  async function refresh(request: JSONRPCRequest, { signal, tell, notice }: WaitingProgress): Promise<void> {
    for (;;) {
      const token = await tokenSource.getToken({ signal, onProgress: tell, onNotice: bridgeNotice(notice) });
      if (child?.token.accessToken === token.accessToken) break;
      if (isIdle()) {
        await startAnew(token, request.method !== 'initialize');
        break;
      }
      if (child && (child.token.expiresAt ?? Infinity) > Date.now()) return;
      tell(l10n.t('Waiting for the server’s other calls, to start it with a new token.'));
      // The wait may outlast this token, too.
      await idle(signal);
    }
    if (child) child.used = true;
  }

  function isIdle(): boolean {
    return forwarded.size === 0 && asked.size === 0;
  }

  function idle(signal: AbortSignal): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    whenIdle = () => {
      resolve(undefined);
    };
    return unlessAborted(
      promise,
      signal,
      () => new Error(l10n.t('The call has not begun. Try again in a moment.'), { cause: signal.reason }),
    );
  }

  async function startAnew(token: Token, again: boolean): Promise<void> {
    const before = child?.process;
    child = undefined;
    await before?.end();
    // Nobody is left to start it for.
    if (isOver) return;
    child = await start(token);
    if (before) log.info(l10n.t('{0} was started again with a new token.', options.command));
    if (!again) return;
    for (const message of told.messages()) {
      if ('id' in message) await ask(child, message);
      else await child.process.send(message);
    }
  }

  async function start(token: Token): Promise<Child> {
    const { command, args, env, variable } = options;
    const started: Child = {
      token,
      used: false,
      process: await startServerProcess({
        command,
        args,
        env: { ...env, [variable]: token.accessToken },
        onMessage(message) {
          void fromServer(message);
        },
        onError(error) {
          log.warn(String(error));
        },
        onClose() {
          if (child !== started) return;
          ended.reject(
            new Error(l10n.t('The server "{0}" has ended by itself. See what it wrote above.', command)),
          );
        },
      }).catch((error: unknown) => {
        throw new Error(
          l10n.t('The server "{0}" could not be started ({1}). Check the command.', command, String(error)),
          { cause: error },
        );
      }),
    };
    planRenewal(token);
    return started;
  }

  /** In use, the server gets its next token before this one ends; idle, at its next call. */
  function planRenewal({ expiresAt, lifetime }: Token): void {
    clearTimeout(renewal);
    if (expiresAt === undefined || lifetime === undefined) return;
    const wait = renewableFrom({ expiresAt, lifetime }) - Date.now();
    // A timer holds at most 2^31 - 1 ms.
    renewal = setTimeout(
      () => {
        if (!child?.used || !isIdle()) return;
        turn = turn.then(renewWhileIdle);
      },
      Math.min(Math.max(wait, 0) + 10, 2 ** 31 - 1),
    );
    renewal.unref();
  }

  async function renewWhileIdle(): Promise<void> {
    try {
      const token = await tokenSource.getToken({});
      if (isIdle() && child && child.token.accessToken !== token.accessToken) await startAnew(token, true);
    } catch (error) {
      // Its next call tries again, and says what is wrong.
      log.warn(String(error));
    }
  }

  function ask(to: Child, request: JSONRPCRequest): Promise<void> {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      own.set(id, resolve);
      to.process.send({ ...request, id }).catch(reject);
    });
  }

  /** Passes a message to the server. */
  async function pass(message: JSONRPCMessage): Promise<void> {
    if ('method' in message && message.method === 'notifications/cancelled') {
      const id = cancelledBy(message);
      calls.get(id)?.abort();
      finished(id);
    } else if (!('method' in message) && message.id !== undefined) {
      asked.delete(message.id);
    }
    await child?.process.send(message).catch((error: unknown) => {
      log.warn(String(error));
    });
    becomeIdle();
  }

  async function fromServer(message: JSONRPCMessage): Promise<void> {
    if (isRequest(message)) {
      asked.add(message.id);
    } else if ('method' in message) {
      // What is cancelled gets no answer.
      if (message.method === 'notifications/cancelled') asked.delete(cancelledBy(message));
    } else if (message.id !== undefined) {
      const resolve = own.get(message.id);
      if (resolve) {
        own.delete(message.id);
        resolve();
        return;
      }
      finished(message.id);
    }
    await local.send(message);
    becomeIdle();
  }

  function finished(id: RequestId): void {
    calls.delete(id);
    forwarded.delete(id);
  }

  function becomeIdle(): void {
    if (!isIdle()) return;
    whenIdle?.();
    whenIdle = undefined;
  }
}

/** Which request a `notifications/cancelled` means. */
function cancelledBy({ params }: Pick<JSONRPCNotification, 'params'>): RequestId {
  return params?.['requestId'] as RequestId;
}
