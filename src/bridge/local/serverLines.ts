import type { RequestId } from '@modelcontextprotocol/server';
import * as l10n from '@vscode/l10n';
import type { Log } from '../../common/log.ts';
import { noAnswer, wellFormed } from '../../mcp/answer.ts';
import { answers, hasMethod, isRequest, meantFor } from '../../mcp/message.ts';
import type { CallLedger } from './callLedger.ts';
import type { LocalChild } from './child.ts';
import { errorLine, type ClientOutput } from './clientOutput.ts';
import { cancelledBy, type LineMessage } from './lineMessage.ts';
import { lostLine, lostMessage } from './lostMessage.ts';
import { rpcCodes } from '../../mcp/names.ts';

/** The two ends, and the calls between them. */
export interface ServerLinesOptions {
  readonly calls: CallLedger;
  readonly output: ClientOutput;
  readonly child: Pick<LocalChild, 'send'>;
  /** The server, as errors name it. */
  readonly name: string;
  readonly log: Log;
  /** A call may have ended, in either direction. */
  onFinished(): void;
}

/** Passes on what the server says, and sees that what answers a call is an answer. */
export function createServerLines({ calls, output, child, name, log, onFinished }: ServerLinesOptions) {
  const { asked, subscriptions } = calls;
  const about = { origin: name };
  let isNonsenseSaid = false;

  function answer(id: RequestId, message: LineMessage): void {
    const { content, whole } = message;
    try {
      if (answers(content) === id && wellFormed(content, id, about) === content) output.pass(message);
      else output.say(wellFormed({ ...whole(), id }, id, about));
    } catch (error) {
      // For example nesting without an end.
      nonsense(error);
      output.fail(id, noAnswer(about));
    }
    finished(id);
  }

  /** Says so once: a server that goes on like that must not fill the log. */
  function nonsense(error: unknown): void {
    log[isNonsenseSaid ? 'debug' : 'warn'](
      `The server sent something that is not a message: ${String(error)}`,
    );
    isNonsenseSaid = true;
  }

  function finished(id: RequestId): void {
    calls.delete(id);
    onFinished();
  }

  return {
    onMessage(message: LineMessage): void {
      const { content } = message;
      if (hasMethod(content)) {
        if (isRequest(content)) asked.add(content.id);
        else if (subscriptions.isSecondAcknowledgement(content)) return;
        const cancelled = cancelledBy(content);
        // What is cancelled gets no answer.
        if (cancelled !== undefined && !asked.delete(cancelled)) subscriptions.delete(cancelled);
        output.pass(message);
        onFinished();
        return;
      }
      const known = answers(content);
      const id = known !== undefined && calls.has(known) ? known : meantFor(content, calls.ids());
      if (id !== undefined) answer(id, message);
      else if (known === undefined) nonsense('it has neither a method nor an id.');
      else output.pass(message);
    },
    /** Hears of a line that is not a message. */
    onMistake(line: Buffer, error: unknown): void {
      const { id, asks } = lostLine(line);
      if (!asks && id !== undefined && calls.has(id)) {
        output.fail(id, noAnswer(about));
        finished(id);
      }
      nonsense(error);
    },
    /** Hears of a message that is too long. */
    onTooLong(beginning: string, end: string): void {
      const { id, asks } = lostMessage(beginning, end);
      const message = l10n.t(
        'A message of more than 256 MB cannot be passed on. Ask for less, or for parts.',
      );
      log.warn(message);
      if (asks) {
        if (id !== undefined) void child.send(errorLine(id, rpcCodes.invalidRequest, message));
        return;
      }
      const [only, ...others] = calls.ids();
      const meant = id !== undefined && calls.has(id) ? id : others.length === 0 ? only : undefined;
      if (meant === undefined) return;
      output.fail(meant, message);
      finished(meant);
    },
  };
}
