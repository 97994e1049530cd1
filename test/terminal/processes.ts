import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  /** When it started, by the system's clock: a number may be given again. */
  readonly started: string;
}

/** The processes of this machine, from `/proc` (Linux, proc(5)), without those that have ended. */
function processes(): FoundProcess[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const [state, parent = '', ...more] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z' || state === 'X') return [];
        return [{ pid: Number(name), parent: Number(parent), started: more[17] ?? '' }];
      } catch {
        return [];
      }
    });
}

/** All that a process has started, and what those have started. */
export function descendants(pid: number): FoundProcess[] {
  const all = processes();
  const found: FoundProcess[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(child => child.pid);
  }
  return found;
}

/** The processes in whose environment there is that text, wherever they have gone to. */
export function processesWith(text: string): FoundProcess[] {
  return processes().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${String(pid)}/environ`, 'latin1').includes(text);
    } catch {
      return false;
    }
  });
}

/** The processes that go on with sign-ins of users whose files are in that directory. */
export function signInProcesses(directory: string): FoundProcess[] {
  return processesWith(`OMNISPINDLE_DATA_DIR=${directory}`).filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').endsWith('\0sign-in-process\0');
    } catch {
      return false;
    }
  });
}

/** Ends those: they would keep the callback's port, as they are made to. */
export async function endSignIns(directory: string): Promise<void> {
  for (const { pid } of signInProcesses(directory)) process.kill(pid, 'SIGKILL');
  await untilNone(() => signInProcesses(directory), 5_000);
}

/** Which of those still run. */
export function alive(those: readonly FoundProcess[]): FoundProcess[] {
  const now = processes();
  return those.filter(({ pid, started }) => now.some(one => one.pid === pid && one.started === started));
}

/** Waits until `look` finds none, or that long (ms). @returns what it found at last */
export async function untilNone<T>(look: () => readonly T[], limit: number): Promise<readonly T[]> {
  const end = Date.now() + limit;
  for (;;) {
    const found = look();
    if (found.length === 0 || Date.now() > end) return found;
    await delay(50);
  }
}
