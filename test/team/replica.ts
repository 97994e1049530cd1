import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../freePort.ts';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** What a replica is told. */
export interface ReplicaOptions {
  /** The address that clients know, without a path. */
  readonly publicUrl: string;
  /** Where it listens; a free port where absent. */
  readonly port?: number;
  /** Its own directory, which is empty at the start. */
  readonly directory: string;
  /** Variables besides those that every program has. */
  readonly env: Record<string, string>;
  /** Hears the lines that it writes. */
  readonly hear?: (line: string) => void;
}

/** One `omnispindle serve --http`, always at the same port. */
export interface ReplicaProcess {
  readonly origin: string;
  /** Starts it, where it does not run. @throws Error with what it wrote, where it ends instead */
  start(): Promise<void>;
  /** Ends it as a loss of power does. */
  kill(): Promise<void>;
  /** Asks it to end, and waits until it has. @returns its exit code */
  stop(): Promise<number | null>;
}

export async function createReplica({
  publicUrl,
  port: givenPort,
  directory,
  env,
  hear,
}: ReplicaOptions): Promise<ReplicaProcess> {
  const port = String(givenPort ?? (await freePort()));
  const origin = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const exited = once(ending, 'exit') as Promise<[number | null]>;
    ending.kill(signal);
    return (await exited)[0];
  }

  return {
    origin,
    async start() {
      const written: string[] = [];
      const started = spawn(process.execPath, [cli, 'serve', '--http', '--port', port, '--url', publicUrl], {
        cwd: directory,
        env: { PATH: process.env['PATH'] ?? '', HOME: directory, OMNISPINDLE_DATA_DIR: directory, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = started;
      createInterface({ input: started.stderr }).on('line', line => {
        if (written.length < 100) written.push(line);
        hear?.(line);
      });
      const exited = once(started, 'exit');
      endWithThis(started);
      while (!(await isReady(origin))) {
        const isOver = await Promise.race([exited, delay(50, undefined)]);
        if (isOver) throw new Error(`The server at ${origin} has ended: ${written.join('\n')}`);
      }
    },
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/**
 * Ends a process as soon as this one has ended, also where it was killed: the system closes the pipe between this one and
 * what waits for that.
 */
function endWithThis(child: ChildProcess): void {
  const waiter = spawn('sh', ['-c', 'cat >/dev/null; kill -KILL "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  waiter.unref();
  child.once('exit', () => {
    waiter.kill('SIGKILL');
    waiter.stdin.destroy();
  });
}

async function isReady(origin: string): Promise<boolean> {
  return fetch(`${origin}/readyz`).then(
    async ({ ok, body }) => {
      await body?.cancel();
      return ok;
    },
    () => false,
  );
}
