import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isOmnispindleError, messageOf } from '../../common/errors.ts';
import { filesGone } from '../../common/filesGone.ts';
import type { Log } from '../../common/log.ts';
import { plainLine } from '../../common/plainText.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { createCallLedger } from './callLedger.ts';
import type { LocalChild } from './child.ts';
import { errorLine, type ClientOutput } from './clientOutput.ts';
import { answers, hasMethod, isId, isRequest } from '../../mcp/message.ts';
import { cancelledBy, readLineMessages, type LineMessage } from './lineMessage.ts';
import { createLocalTokens } from './tokens.ts';
import { lostMessage } from './lostMessage.ts';
import { createServerLines } from './serverLines.ts';
import { createWaitingCalls, type Waiting } from '../waitingCalls.ts';
import { rpcCodes } from '../../mcp/names.ts';

/** The two ends that messages go between, and where the server's tokens come from. */
export interface LocalRouterOptions {
  readonly command: string;
  readonly log: Log;
  readonly tokenSource: TokenSource;
  /** Whether the server asks for each token by itself. */
  asksItself?(): boolean;
  /** What the client reads. */
  readonly output: ClientOutput;
  readonly child: LocalChild;
  /** The server cannot be started, or has ended by itself; every call was answered with that. */
  onEnd(error: Error): void;
}

/** Takes every message its way between the client and the server, and sees that every call gets one answer. */
export function createLocalRouter(options: LocalRouterOptions) {
  const { command, log, output, child } = options;
  const { say, fail } = output;
  const calls = createCallLedger();
  const { asked, subscriptions } = calls;
  /** What waits for the server and what starts it again must not do so at once. */
  let turn: Promise<void> = Promise.resolve();

  const waiting = createWaitingCalls<LineMessage>({
    say,
    onEnough({ id, progress }) {
      const found = waiting.find(id);
      if (!found) return;
      waiting.remove(found);
      fail(id, progress.explain(l10n.t('The call has not begun. Try again in a moment.')));
    },
  });
  const tokens = createLocalTokens({
    ...options,
    isIdle: calls.isIdle,
    isWatched: () => subscriptions.ids().length > 0,
    token: child.token,
    async start(token, again) {
      await child.start(token, again);
      for (const line of subscriptions.lines()) await child.send(line);
    },
    onDue() {
      turn = turn.then(tokens.renew);
    },
  });

  const server = createServerLines({
    calls,
    output,
    child,
    name: `"${plainLine(command)}"`,
    log,
    onFinished: tokens.look,
  });
  child.onmessage = server.onMessage;
  child.onmistake = server.onMistake;
  child.ontoolong = server.onTooLong;
  child.onend = onEnd;

  /** Hears a line of the client; resolves when the server has it. Never rejects. */
  async function fromClient(line: Buffer): Promise<void> {
    try {
      await Promise.all(readLineMessages(line).map(take));
    } catch (error) {
      log.warn(`The client sent something that is not a message: ${String(error)}`);
      fail(null, 'Parse error', rpcCodes.parseError);
    }
  }

  async function take(message: LineMessage): Promise<void> {
    const { content, line } = message;
    if (!hasMethod(content)) {
      // The server waits for it, so it must not wait for the server's restart.
      const id = answers(content);
      if (id !== undefined) asked.delete(id);
      tokens.look();
      return child.send(line);
    }
    const cancelled = cancelledBy(content);
    if (cancelled !== undefined) return cancel(message, cancelled);
    if ('id' in content && !isId(content.id)) {
      fail(null, 'Invalid Request', rpcCodes.invalidRequest);
    } else if (isRequest(content) && (calls.has(content.id) || waiting.find(content.id))) {
      fail(content.id, l10n.t('Another call has that id.'), rpcCodes.invalidRequest);
    } else {
      const { taken } = waiting.add(message);
      turn = turn.then(passAll);
      await taken;
    }
  }

  async function cancel({ line }: LineMessage, id: RequestId): Promise<void> {
    const found = waiting.find(id);
    if (found) {
      // The server that never got the call has nothing to cancel.
      waiting.remove(found);
      return;
    }
    const passed = child.send(line);
    finished(id);
    await passed;
  }

  /** Passes on what waits, in its order. */
  async function passAll(): Promise<void> {
    for (let first; (first = waiting.first());) {
      if (first.call && !(await isReadyFor(first.call.method))) continue;
      // It may have been cancelled by now; what comes after it needs no less.
      if (waiting.first() === first) await pass(first);
    }
  }

  async function isReadyFor(method: string): Promise<boolean> {
    let need: AbortSignal | undefined;
    try {
      await waiting.prepare(request => {
        need = request.signal;
        return tokens.prepare(request, method !== 'initialize');
      });
      return true;
    } catch (error) {
      // Given up, because nobody waited.
      if (need?.aborted) return false;
      failWaiting(messageOf(filesGone(error) ?? error));
      if (!child.token() && !isOmnispindleError(error)) options.onEnd(error as Error);
      return false;
    }
  }

  /** All that wait hear so at once. */
  function failWaiting(message: string): void {
    for (const { id, progress } of waiting.calls()) {
      const found = waiting.find(id);
      if (found) waiting.remove(found);
      fail(id, progress.explain(message));
    }
  }

  async function pass(first: Waiting<LineMessage>): Promise<void> {
    const { message, call } = first;
    if (call) calls.add(call, message);
    child.remember(message);
    const passed = child.send(message.line);
    waiting.remove(first);
    await passed;
  }

  /** The client sent a message that is too long. */
  function clientTooLong(beginning: string, end: string): void {
    const { id, asks } = lostMessage(beginning, end);
    const message = l10n.t('A message of more than 256 MB cannot be passed on. Send less, or in parts.');
    if (!asks && id !== undefined && asked.delete(id)) {
      void child.send(errorLine(id, rpcCodes.invalidRequest, message));
      tokens.look();
    } else {
      fail(id ?? null, message, rpcCodes.invalidRequest);
    }
  }

  function onEnd(error: Error): void {
    failWaiting(error.message);
    for (const id of calls.takeAll()) fail(id, error.message);
    options.onEnd(error);
  }

  function finished(id: RequestId): void {
    calls.delete(id);
    tokens.look();
  }

  return {
    fromClient,
    clientTooLong,
    /** The client reads again. */
    wake: child.resume,
    /** Somebody waits for an answer. */
    isBusy: (): boolean => waiting.calls().length > 0 || !calls.isIdle(),
    /** Ends the server. @param signal what it hears at once besides */
    close(signal?: NodeJS.Signals): Promise<void> {
      tokens.stop();
      return child.end(signal);
    },
  };
}
