import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real gnome-keyring on a session bus of its own. */
export interface Keyring {
  /** What a program of the desktop session finds in its environment. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string };
  /** Where the bus is, as XDG_RUNTIME_DIR has it. */
  readonly runtimeDirectory: string;
  /** Locks it; nobody sees its prompt. */
  lock(): void;
  close(): Promise<void>;
}

/**
 * Starts a bus and a keyring, unlocked, with their files in that directory.
 * @param options.runtimeDirectory where the bus is; made, and removed with what is in it
 * @param options.uid whose it is; by default this process's user's
 */
export async function startKeyring(
  directory: string,
  { runtimeDirectory = join(directory, 'run'), uid }: { runtimeDirectory?: string; uid?: number } = {},
): Promise<Keyring> {
  const user = uid === undefined ? {} : { uid, gid: uid };
  for (const path of [directory, runtimeDirectory]) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (uid !== undefined) chownSync(path, uid, uid);
  }
  const address = `unix:path=${runtimeDirectory}/bus`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    XDG_RUNTIME_DIR: runtimeDirectory,
    DBUS_SESSION_BUS_ADDRESS: address,
  };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', `--address=${address}`, '--print-address'], {
    env,
    ...user,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(bus.stdout, 'data');
  const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    env,
    ...user,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  daemon.stdin.end('password');
  const call = (...args: string[]) =>
    execFileSync('dbus-send', [`--bus=${address}`, '--print-reply', ...args], {
      stdio: 'pipe',
      ...user,
    });
  for (;;) {
    try {
      call(
        '--dest=org.freedesktop.DBus',
        '/',
        'org.freedesktop.DBus.GetNameOwner',
        'string:org.freedesktop.secrets',
      );
      break;
    } catch {
      await delay(50);
    }
  }
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: address },
    runtimeDirectory,
    lock() {
      call(
        '--dest=org.freedesktop.secrets',
        '/org/freedesktop/secrets',
        'org.freedesktop.Secret.Service.Lock',
        'array:objpath:/org/freedesktop/secrets/collection/login',
      );
    },
    async close() {
      for (const child of [daemon, bus]) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill();
        await once(child, 'exit');
      }
      rmSync(runtimeDirectory, { recursive: true, force: true });
    },
  };
}
