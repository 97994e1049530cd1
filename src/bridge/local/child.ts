import * as l10n from '@vscode/l10n';
import type { Log } from '../../common/log.ts';
import type { Token } from '../../sessions/tokenSource.ts';
import { createMemoryOf } from '../../mcp/clientMemory.ts';
import { hasMethod, isRequest, meantFor } from '../../mcp/message.ts';
import { requireDirectory, type LocalCommand } from './localCommand.ts';
import { cancelledBy, longestLine, readLineMessages, type LineMessage } from './lineMessage.ts';
import { startServerProcess, type ServerProcess } from './serverProcess.ts';

/** How the server is started. */
export interface LocalChildOptions extends LocalCommand {
  readonly log: Log;
}

/** The local server: one process after the other, each with the token that was valid when it started. */
export interface LocalChild {
  onmessage?: ((message: LineMessage) => void) | undefined;
  /** A line that is not a message. */
  onmistake?: ((line: Buffer, error: unknown) => void) | undefined;
  /** A message of more than 256 MB: its beginning and its end. */
  ontoolong?: ((beginning: string, end: string) => void) | undefined;
  /** It has ended, and not because we ended it. */
  onend?: ((error: Error) => void) | undefined;
  /** The token of the process that runs, if one does. */
  token(): Token | undefined;
  /** Keeps what each process must hear again. */
  remember(message: LineMessage): void;
  /**
   * Starts the next process in place of the one there was.
   * @param again whether it is told what the client told that one
   * @throws Error where it cannot be started, or ends at once
   */
  start(token: Token, again: boolean): Promise<void>;
  /** Sends a line to the process that runs. Resolves when it takes more. */
  send(line: Uint8Array | string): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends it for good. @param signal what it hears at once besides */
  end(signal?: NodeJS.Signals): Promise<void>;
}

interface Running {
  readonly process: ServerProcess;
  readonly token: Token;
}

/** Prepares to run a local server; nothing is started yet. */
export function createLocalChild({ command, args, env, cwd, variable, log }: LocalChildOptions): LocalChild {
  const told = createMemoryOf(({ content }: LineMessage) => content);
  let current: Running | undefined;
  /** It may have ended by itself; what it has started has not. */
  let last: ServerProcess | undefined;
  /** What a process hears again, and has not answered yet. */
  let repeated: (PromiseWithResolvers<undefined> & { readonly message: LineMessage }) | undefined;
  let isOver = false;

  async function start(token: Token, again: boolean): Promise<void> {
    const before = current?.process;
    current = undefined;
    await before?.end();
    // Nobody is left to start it for.
    if (isOver) return;
    const isCurrent = () => current === started;
    const started: Running = { token, process: await startProcess(token, isCurrent) };
    current = started;
    last = started.process;
    if (before) log.info(l10n.t('{0} was started again with a new token.', command));
    if (again) for (const message of told.messages()) await repeat(message);
  }

  async function startProcess(token: Token, isCurrent: () => boolean): Promise<ServerProcess> {
    // The system would say that there is no such command.
    if (cwd !== undefined) requireDirectory(cwd);
    return startServerProcess({
      command,
      args,
      env: { ...env, [variable]: token.accessToken },
      ...(cwd !== undefined && { cwd }),
      longest: longestLine,
      onLine(line) {
        for (const message of read(line)) if (isCurrent() || isLastWord(message)) hear(message);
      },
      onTooLong(beginning, end) {
        if (isCurrent()) local.ontoolong?.(beginning, end);
      },
      onError(error) {
        log.warn(String(error));
      },
      onEnd(how) {
        if (isOver || !isCurrent()) return;
        current = undefined;
        const error = new Error(
          l10n.t(
            'The server "{0}" has ended by itself ({1}). See what it wrote before that.',
            command,
            typeof how === 'number' ? l10n.t('exit code {0}', String(how)) : how,
          ),
        );
        repeated?.reject(error);
        local.onend?.(error);
      },
    }).catch((error: unknown) => {
      throw new Error(
        l10n.t('The server "{0}" could not be started ({1}). Check the command.', command, String(error)),
        { cause: error },
      );
    });
  }

  function read(line: Buffer): LineMessage[] {
    try {
      return readLineMessages(line);
    } catch (error) {
      local.onmistake?.(line, error);
      return [];
    }
  }

  function hear(message: LineMessage): void {
    const id = repeated && isRequest(repeated.message.content) ? repeated.message.content.id : undefined;
    if (id !== undefined && meantFor(message.content, [id]) === id) repeated?.resolve(undefined);
    else local.onmessage?.(message);
  }

  /** Says that to a new process, under the id it had: what asked under it had its answer long ago. */
  async function repeat(message: LineMessage): Promise<void> {
    // Whoever waits has heard why.
    if (!current) return;
    if (isRequest(message.content)) {
      repeated = { ...Promise.withResolvers<undefined>(), message };
      repeated.promise.catch(() => undefined);
    }
    await current.process.send(message.line);
    await repeated?.promise;
    repeated = undefined;
  }

  const local: LocalChild = {
    token: () => current?.token,
    remember: told.remember,
    start,
    send: line => current?.process.send(line) ?? Promise.resolve(),
    pause: () => current?.process.pause(),
    resume: () => current?.process.resume(),
    async end(signal) {
      isOver = true;
      repeated?.resolve(undefined);
      await last?.end(signal);
    },
  };
  return local;
}

/**
 * Whether the client hears that of a process that we end: what it tells, but not that subscriptions end with it, which
 * the next one makes again.
 */
function isLastWord({ content }: LineMessage): boolean {
  return hasMethod(content) && !isRequest(content) && cancelledBy(content) === undefined;
}
