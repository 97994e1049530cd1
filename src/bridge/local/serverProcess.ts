import { setTimeout as delay } from 'node:timers/promises';
import { readLines, type LineReader } from '../../mcp/lineReader.ts';
import { startGroup, type ProcessGroup } from '../../platform/processGroup.ts';

/** How one process of a server is started, and what hears from it. */
export interface ServerProcessOptions extends LineReader {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Ours where absent. */
  readonly cwd?: string;
  /** The longest line (bytes) that is kept. */
  readonly longest: number;
  /** Something of it could not be read or written; it goes on. */
  onError(error: Error): void;
  /** It has ended, and all that it wrote was heard. @param how its exit code, or the signal that ended it */
  onEnd(how: number | NodeJS.Signals): void;
}

/** A stdio server (MCP specification, "stdio") in a process group of its own. */
export interface ServerProcess {
  /** Sends a line, without its end. Resolves when the server takes more, or takes nothing any more. */
  send(line: Uint8Array | string): Promise<void>;
  /** Leaves unread what it writes, until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends it, with all that it has started; see {@link ProcessGroup.end}. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** How long (ms) what a server has started may keep its output open when it has ended itself. */
const afterExit = 1_000;

/** Starts a stdio server. @throws Error where the system cannot start it */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, env, cwd, longest, onError, onEnd } = options;
  const group = startGroup(command, args, { env, ...(cwd !== undefined && { cwd }) });
  const { child } = group;
  await spawned(child);
  const closed = new Promise<void>(resolve => child.once('close', resolve));
  child.on('error', onError);
  child.stdin.on('error', onError).setMaxListeners(0);
  child.stdout.on('error', onError).on('data', readLines(options, longest));
  child.once('exit', (code, signal) => {
    void outputEnd().then(() => {
      onEnd(signal ?? code ?? 0);
    });
  });

  async function outputEnd(): Promise<void> {
    let isClosed = false;
    do {
      isClosed = await Promise.race([closed.then(() => true), delay(afterExit, false, { ref: false })]);
    } while (!isClosed && child.stdout.isPaused());
  }

  return {
    send(line) {
      const { stdin } = child;
      if (!stdin.writable) return Promise.resolve();
      stdin.cork();
      stdin.write(line);
      stdin.write('\n');
      stdin.uncork();
      if (!stdin.writableNeedDrain) return Promise.resolve();
      return new Promise(resolve => {
        const done = () => {
          stdin.off('drain', done).off('close', done);
          resolve();
        };
        stdin.on('drain', done).on('close', done);
      });
    },
    pause: () => child.stdout.pause(),
    resume: () => child.stdout.resume(),
    end: group.end,
  };
}

function spawned(child: ProcessGroup['child']): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
