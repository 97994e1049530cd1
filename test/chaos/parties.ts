import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { messageOf } from '../../src/common/errors.ts';
import { tenantControl } from '../tenant/control.ts';
import {
  call,
  cli,
  serve,
  startClient,
  userEnvironment,
  type Served,
  type Surroundings,
} from '../terminal/fixtures.ts';
import type { SignInLedger } from './signIns.ts';

/** One home directory and one tenant, and what those who share them achieve. */
export interface World {
  readonly surroundings: Surroundings;
  readonly ledger: SignInLedger;
  /** Todos whose `add_todo` was answered. */
  readonly acknowledged: string[];
  /** What calls and commands that failed said. */
  readonly complaints: Set<string>;
}

/** A process that takes part, and may be killed at any moment. */
export interface Party {
  /** @returns whether it was still alive */
  kill(): Promise<boolean>;
  /** Resolves when it is gone. */
  readonly gone: Promise<unknown>;
}

export interface ServerParty extends Party {
  readonly client: Client;
  /** Resolves when it begins to renew the session. */
  renews(): Promise<unknown>;
  /** Stops adding todos. */
  rest(): Promise<void>;
}

const debug = { OMNISPINDLE_DEBUG: '1' };

/** Starts `omnispindle serve` with a client that adds todos without end. @param env where it gets its tokens from, if not by itself */
export async function startServer(world: World, env: Record<string, string> = {}): Promise<ServerParty> {
  const { surroundings, ledger, acknowledged, complaints } = world;
  const process = ledger.listen();
  let renewing = Promise.withResolvers<unknown>();
  const served = await serve({
    ...surroundings,
    env: { ...debug, ...env },
    hear(line) {
      process.line(line);
      if (!line.includes('Renewing the session')) return;
      renewing.resolve(undefined);
      renewing = Promise.withResolvers();
    },
  });
  let resting = false;
  const gone = served.gone.then(() => {
    process.end();
  });
  const work = addTodos();

  async function addTodos(): Promise<void> {
    for (let count = 0; !resting; count++) {
      const description = `Todo ${String(count)} of ${String(served.pid)}`;
      const answer = await call(served.client, 'add_todo', { description, project: 'chaos' });
      if (answer.error === undefined) acknowledged.push(description);
      else complaints.add(answer.error);
      await delay(100);
    }
  }

  return {
    client: served.client,
    gone,
    renews: () => renewing.promise,
    async kill() {
      // The call under way ends with it.
      work.catch(() => undefined);
      const alive = signal(served.pid);
      await gone;
      return alive;
    },
    async rest() {
      resting = true;
      await work;
    },
  };
}

/** An editor's window, whose servers ask it for their tokens. */
export interface WindowParty extends Party {
  /** @returns the environment of a server of its own */
  grant(): Promise<Record<string, string>>;
}

export function startWindow({ surroundings, ledger }: World): WindowParty {
  const child = fork(join(import.meta.dirname, 'window.ts'), {
    env: { ...userEnvironment(surroundings), ...debug },
    cwd: surroundings.directory,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const heard = ledger.listen();
  const lines = createInterface({ input: child.stderr! }).on('line', line => {
    heard.line(line);
  });
  const gone = Promise.all([once(child, 'exit'), once(lines, 'close')]).then(() => {
    heard.end();
  });
  return {
    gone,
    async grant() {
      const given = once(child, 'message') as Promise<[Record<string, string>]>;
      child.send('grant');
      return (await given)[0];
    },
    async kill() {
      const alive = child.exitCode === null && child.kill('SIGKILL');
      await gone;
      return alive;
    },
  };
}

/** Starts `omnispindle connect` with a client that calls a remote server without end. */
export async function startConnect(world: World, url: string): Promise<Omit<ServerParty, 'renews'>> {
  const { surroundings, ledger, complaints } = world;
  const heard = ledger.listen();
  const complain = (error: unknown) => complaints.add(messageOf(error));
  let served: Served | undefined;
  // It begins with a call of its own, which may fail as any other.
  while (!served) {
    served = await startClient(['connect', url, '--default-audience'], {
      ...surroundings,
      env: debug,
      hear: heard.line,
    }).catch((error: unknown) => {
      complain(error);
      return undefined;
    });
  }
  const { client, pid } = served;
  let resting = false;
  const work = callOn();
  const gone = served.gone.then(() => {
    heard.end();
  });

  async function callOn(): Promise<void> {
    while (!resting) {
      await call(client, 'echo', { text: 'hi' }).catch((error: unknown) => {
        if (!resting) complain(error);
      });
      await delay(100);
    }
  }

  return {
    client,
    gone,
    async kill() {
      resting = true;
      const alive = signal(pid);
      await gone;
      return alive;
    },
    async rest() {
      resting = true;
      await work;
    },
  };
}

export type CommandName = 'login' | 'logout' | 'token';

/** Starts one command of `omnispindle`. */
export function startCommand({ surroundings, ledger, complaints }: World, name: CommandName): Party {
  const child = spawn(process.execPath, [cli, name, ...(name === 'token' ? ['--login'] : [])], {
    env: { ...userEnvironment(surroundings), ...debug },
    cwd: surroundings.directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const heard = ledger.listen();
  const finished = name === 'token' ? () => undefined : ledger.command();
  let last = '';
  const lines = createInterface({ input: child.stderr }).on('line', line => {
    heard.line((last = line));
  });
  const gone = Promise.all([once(child, 'exit'), once(lines, 'close'), text(child.stdout)]).then(
    ([[code], , output]) => {
      heard.end();
      finished();
      if (code) complaints.add(last);
      if (code === 0 && name === 'token' && output.trim().split('.').length !== 3) {
        complaints.add(`No token: ${output}`);
      }
    },
  );
  return {
    gone,
    async kill() {
      const alive = child.exitCode === null && child.kill('SIGKILL');
      await gone;
      return alive;
    },
  };
}

/** Seconds a token lives. */
export const lifetime = 2;

/** Starts the tenant. @returns it when it answers */
export async function startTenantProcess(port: number, stateFile: string): Promise<Party> {
  const script = join(import.meta.dirname, 'tenant.ts');
  const child = spawn(process.execPath, [script, String(port), stateFile, String(lifetime)], {
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  const control = tenantControl(`http://localhost:${String(port)}`);
  while (child.exitCode === null && !(await control.counters().catch(() => undefined))) await delay(20);
  return {
    gone,
    async kill() {
      const alive = child.kill('SIGKILL');
      await gone;
      return alive;
    },
  };
}

function signal(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
