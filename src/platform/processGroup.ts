import { spawn, spawnSync, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import type { Socket } from 'node:net';
import { win32 } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import crossSpawn from 'cross-spawn';
import { codeOf } from '../common/errors.ts';

/** How long (ms) a program may take to end when its input ends, and again when it is asked to. */
const patience = 1_500;
/** How long (ms) the system may take to end what was killed. */
const afterKill = 500;
const lookEvery = 10;

/** A program, with all that it has started in turn. */
export interface ProcessGroup {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /**
   * Ends all of it within four seconds: by the end of its input, then by SIGTERM, then by SIGKILL.
   * @param signal what it hears at once besides, as it would by itself on a terminal
   */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** How a program of a group is started. */
export interface GroupOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Ours where absent. */
  readonly cwd?: string;
  /** Where what it writes for people goes: where ours goes, or nowhere. */
  readonly errors?: 'inherit' | 'ignore';
}

/** How all of a group is reached on this system. */
interface Reach {
  isAlive(): boolean;
  send(signal: NodeJS.Signals): void;
}

/** What is to be done about each group when this process ends. */
const abandoned = new Set<() => void>();

/**
 * Starts a program in a process group of its own (POSIX, setsid), which ends as a whole: a wrapper such as `npx` or
 * `sh -c` passes no signal on. However this process ends, the group ends within five seconds; on Windows, where
 * this process is killed, only the program itself does. Where the program cannot be started, its `child` emits `error`.
 * @example
 * import { startGroup } from './processGroup.ts';
 *
 * const group = startGroup('npx', ['-y', 'some-server'], { env: process.env });
 * group.child.stdout.pipe(process.stdout);
 * await group.end('SIGTERM');
 */
export function startGroup(
  command: string,
  args: readonly string[],
  { env, cwd, errors = 'inherit' }: GroupOptions,
): ProcessGroup {
  const isWindows = process.platform === 'win32';
  // What `npx` is on Windows, a batch file, is started by cross-spawn only.
  const child = crossSpawn(command, args, {
    env,
    cwd,
    stdio: ['pipe', 'pipe', errors],
    detached: !isWindows,
    windowsHide: true,
  }) as ProcessGroup['child'];
  const { pid } = child;
  if (pid === undefined) return { child, end: () => Promise.resolve() };
  const reach = isWindows ? treeOf(child, pid) : groupOf(pid);
  const guard = isWindows ? undefined : startGuard(pid);
  const abandon = () => {
    reach.send(guard ? 'SIGTERM' : 'SIGKILL');
  };
  if (abandoned.size === 0) process.once('exit', abandonAll);
  abandoned.add(abandon);
  let ending: Promise<void> | undefined;

  async function end(signal?: NodeJS.Signals): Promise<void> {
    child.stdin.end();
    if (signal) reach.send(signal);
    if (!(await gone(patience))) reach.send('SIGTERM');
    if (!(await gone(patience))) reach.send('SIGKILL');
    await gone(afterKill);
    abandoned.delete(abandon);
    if (abandoned.size === 0) process.off('exit', abandonAll);
    guard?.kill('SIGKILL');
  }

  async function gone(limit: number): Promise<boolean> {
    for (const start = performance.now(); reach.isAlive(); await delay(lookEvery)) {
      if (performance.now() - start > limit) return false;
    }
    return true;
  }

  return { child, end: signal => (ending ??= end(signal)) };
}

function abandonAll(): void {
  for (const abandon of abandoned) abandon();
}

/**
 * Ends the group when this process is killed and can do nothing itself: a shell that waits for the end of a pipe
 * which only we hold. It has none of our environment, and no terminal. Undefined where there is no such shell.
 */
function startGuard(pid: number): ChildProcess | undefined {
  const script = 'read -r _; kill -TERM "-$1"; sleep 2; kill -KILL "-$1"';
  try {
    const guard = spawn('/bin/sh', ['-c', script, 'omnispindle', String(pid)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
    });
    guard.on('error', () => undefined);
    guard.unref();
    const pipe = guard.stdin as Socket;
    pipe.on('error', () => undefined);
    pipe.unref();
    return guard.pid === undefined ? undefined : guard;
  } catch {
    // The system has no room for another process.
    return undefined;
  }
}

function groupOf(pid: number): Reach {
  return {
    isAlive: () => kill(-pid, 0),
    send: signal => kill(-pid, signal),
  };
}

/** @returns whether there is still somebody */
function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function treeOf(child: ChildProcess, pid: number): Reach {
  return {
    isAlive: () => child.exitCode === null && child.signalCode === null,
    send(signal) {
      // There are no signals on Windows, and what has no window can be asked nothing.
      if (signal !== 'SIGTERM' && signal !== 'SIGKILL') return;
      const [program, args] = treeKill(pid, process.env);
      spawnSync(program, args, { stdio: 'ignore', windowsHide: true, timeout: 2_000 });
    },
  };
}

/** The command that ends a process and all that it has started, on Windows. */
export function treeKill(
  pid: number,
  env: NodeJS.ProcessEnv,
): readonly [program: string, args: readonly string[]] {
  const program = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
  return [program, ['/PID', String(pid), '/T', '/F']];
}
