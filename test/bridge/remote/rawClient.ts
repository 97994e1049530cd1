import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { cli, userEnvironment, type Surroundings } from '../../terminal/fixtures.ts';

export type Json = Record<string, unknown>;

/** `omnispindle connect`, or `run`, seen line by line, as a client without an SDK sees it. */
export interface RawClient {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Every message so far, as it came; a line that is none fails the test that waits for the next. */
  readonly messages: Json[];
  /** The lines they came as. */
  readonly lines: string[];
  stderr(): string;
  /** Sends a line, or a message. */
  send(message: Json | string): void;
  /** Waits for the answer to that id. */
  answer(id: unknown): Promise<Json>;
  /** Sends a request. @returns its answer */
  call(method: string, params?: unknown): Promise<Json>;
  /** Begins the session, as clients do. @returns the answer to `initialize` */
  begin(): Promise<Json>;
  /** Waits until it is so; looked at after each message. */
  until(isSo: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `omnispindle connect`, or `run`, and reads its lines; `paused` leaves them unread until `stdout.resume()`. */
export function startRawClient(
  surroundings: Surroundings,
  args: readonly string[],
  { paused = false, command = 'connect' }: { paused?: boolean; command?: 'connect' | 'run' } = {},
): RawClient {
  const child = spawn(process.execPath, [cli, command, ...args], {
    env: userEnvironment(surroundings),
    cwd: surroundings.directory,
    stdio: 'pipe',
  });
  const messages: Json[] = [];
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  let failure: Error | undefined;
  let stderr = '';
  let rest: string[] = [];
  let lastId = 0;

  function changed(): void {
    for (const listener of listeners) listener();
  }
  function fail(error: Error): void {
    failure ??= error;
    changed();
  }
  function read(line: string): void {
    try {
      messages.push(JSON.parse(line) as Json);
      lines.push(line);
    } catch {
      fail(new Error(`This is no message: ${line.slice(0, 200)}`));
    }
  }

  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n');
    rest.push(first);
    for (const next of others) {
      read(rest.join(''));
      rest = [next];
    }
    changed();
  });
  if (paused) child.stdout.pause();
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  const gone = once(child, 'close').then(([code, signal]) => {
    fail(new Error(`It has ended (${String(code ?? signal)}). ${stderr}`));
  });

  const raw: RawClient = {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    messages,
    lines,
    stderr: () => stderr,
    send(message) {
      child.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
    },
    async until(isSo) {
      while (!isSo()) {
        if (failure) throw failure;
        const { promise, resolve } = Promise.withResolvers<undefined>();
        const listener = () => {
          resolve(undefined);
        };
        listeners.add(listener);
        await promise;
        listeners.delete(listener);
      }
    },
    async answer(id) {
      const find = () => messages.find(message => message['id'] === id && !('method' in message));
      await raw.until(() => find() !== undefined);
      return find() ?? {};
    },
    call(method, params = {}) {
      const id = ++lastId;
      raw.send({ jsonrpc: '2.0', id, method, params });
      return raw.answer(id);
    },
    async begin() {
      const answer = await raw.call('initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      });
      raw.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
      return answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
  return raw;
}
