import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { cli, userEnvironment, type Surroundings } from '../../terminal/fixtures.ts';
import { createLineClient, type LineClient } from './lineClient.ts';

export type { Json } from './lineClient.ts';

/** `omnispindle connect`, or `run`, seen line by line, as a client without an SDK sees it. */
export interface RawClient extends LineClient {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
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
  let stderr = '';
  let rest: string[] = [];
  const { client, hearing } = createLineClient({
    write: line => child.stdin.write(`${line}\n`),
    stderr: () => stderr,
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  });

  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n');
    rest.push(first);
    for (const next of others) {
      hearing.read(rest.join(''));
      rest = [next];
    }
    hearing.changed();
  });
  if (paused) child.stdout.pause();
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  const gone = once(child, 'close').then(([code, signal]) => {
    hearing.fail(new Error(`It has ended (${String(code ?? signal)}). ${stderr}`));
  });
  return Object.assign(client, { pid: child.pid ?? 0, stdin: child.stdin, stdout: child.stdout });
}
