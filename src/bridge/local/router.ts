import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import { isOmnispindleError, messageOf } from '../../common/errors.ts';
import { plainLine } from '../../common/plainText.ts';
import type { TokenSource } from '../../sessions/tokenSource.ts';
import { createCallLedger } from './callLedger.ts';
import { createClientOutput, errorLine } from './clientOutput.ts';
import { noAnswer, wellFormed } from '../../mcp/answer.ts';
import { answers, hasMethod, isId, isRequest, meantFor } from '../../mcp/message.ts';
import { cancelledBy, readLineMessages, type LineMessage } from './lineMessage.ts';
import { createLocalChild, type LocalCommand } from './child.ts';
import { createLocalTokens } from './tokens.ts';
import { lostLine, lostMessage } from './lostMessage.ts';
import { createWaitingCalls, type Waiting } from './waitingCalls.ts';

/** How the server is started, where its tokens come from, and who hears that it is gone. */
export interface LocalRouterOptions extends LocalCommand {
  readonly tokenSource: TokenSource;
  /** The server cannot be started, or has ended by itself; every call was answered with that. */
  onEnd(error: Error): void;
}

const invalidRequest = -32_600;
const parseError = -32_700;

/** Takes every message its way between the client and the server, and sees that every call gets one answer. */
export function createLocalRouter(options: LocalRouterOptions) {
  const { log } = options;
  const calls = createCallLedger();
  const { asked, subscriptions } = calls;
  const about = { origin: `"${plainLine(options.command)}"` };
  let isNonsenseSaid = false;
  /** What waits for the server and what starts it again must not do so at once. */
  let turn: Promise<void> = Promise.resolve();

  const { write, say, fail } = createClientOutput(() => {
    child.pause();
  });
  const waiting = createWaitingCalls({
    say,
    onEnough({ id, progress }) {
      const found = waiting.find(id);
      if (!found) return;
      waiting.remove(found);
      fail(id, progress.explain(l10n.t('The call has not begun. Try again in a moment.')));
    },
  });
  const child = createLocalChild({ ...options, onMessage: fromServer, onMistake, onTooLong, onEnd });
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

  /** Hears a line of the client; resolves when the server has it. Never rejects. */
  async function fromClient(line: Buffer): Promise<void> {
    try {
      await Promise.all(readLineMessages(line).map(take));
    } catch (error) {
      log.warn(`The client sent what is no message: ${String(error)}`);
      fail(null, 'Parse error', parseError);
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
      fail(null, 'Invalid Request', invalidRequest);
    } else if (isRequest(content) && (calls.has(content.id) || waiting.find(content.id))) {
      fail(content.id, l10n.t('Another call has that id.'), invalidRequest);
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
      failWaiting(messageOf(error));
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

  async function pass(first: Waiting): Promise<void> {
    const { message, call } = first;
    if (call) calls.add(call, message);
    child.remember(message);
    const passed = child.send(message.line);
    waiting.remove(first);
    await passed;
  }

  function fromServer(message: LineMessage): void {
    const { content } = message;
    if (hasMethod(content)) {
      if (isRequest(content)) asked.add(content.id);
      else if (subscriptions.isSecondAcknowledgement(content)) return;
      const cancelled = cancelledBy(content);
      // What is cancelled gets no answer.
      if (cancelled !== undefined && !asked.delete(cancelled)) subscriptions.delete(cancelled);
      write(message.line);
      tokens.look();
      return;
    }
    const known = answers(content);
    const id = known !== undefined && calls.has(known) ? known : meantFor(content, calls.ids());
    if (id !== undefined) answer(id, message);
    else if (known === undefined) nonsense('it has neither a method nor an id.');
    else write(message.line);
  }

  function answer(id: RequestId, { line, content, whole }: LineMessage): void {
    try {
      if (answers(content) === id && wellFormed(content, id, about) === content) write(line);
      else say(wellFormed({ ...whole(), id }, id, about));
    } catch (error) {
      // For example nesting without an end.
      nonsense(error);
      fail(id, noAnswer(about));
    }
    finished(id);
  }

  function onMistake(line: Buffer, error: unknown): void {
    const { id, asks } = lostLine(line);
    if (!asks && id !== undefined && calls.has(id)) {
      fail(id, noAnswer(about));
      finished(id);
    }
    nonsense(error);
  }

  /** Says so once: a server that goes on like that must not fill the log. */
  function nonsense(error: unknown): void {
    log[isNonsenseSaid ? 'debug' : 'warn'](`The server sent what is no message: ${String(error)}`);
    isNonsenseSaid = true;
  }

  /** The server sent a message that is too long. */
  function onTooLong(beginning: string, end: string): void {
    const { id, asks } = lostMessage(beginning, end);
    const message = l10n.t('A message of more than 256 MB cannot be passed on. Ask for less, or for parts.');
    log.warn(message);
    if (asks) {
      if (id !== undefined) void child.send(errorLine(id, invalidRequest, message));
      return;
    }
    const [only, ...others] = calls.ids();
    const meant = id !== undefined && calls.has(id) ? id : others.length === 0 ? only : undefined;
    if (meant === undefined) return;
    fail(meant, message);
    finished(meant);
  }

  /** The client sent a message that is too long. */
  function clientTooLong(beginning: string, end: string): void {
    const { id, asks } = lostMessage(beginning, end);
    const message = l10n.t('A message of more than 256 MB cannot be passed on. Send less, or in parts.');
    if (!asks && id !== undefined && asked.delete(id)) {
      void child.send(errorLine(id, invalidRequest, message));
      tokens.look();
    } else {
      fail(id ?? null, message, invalidRequest);
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
