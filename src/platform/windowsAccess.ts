import { userInfo } from 'node:os';
import { win32 } from 'node:path';
import { promisify } from 'node:util';

/** How long (ms) the system may take. */
const timeLimit = 30_000;

type Command = readonly [program: string, args: readonly string[]];

/**
 * The command that gives a directory on Windows, and all that will be in it, to one user alone: what it
 * would inherit from its parent counts no more.
 */
export function ownersOnly(
  directory: string,
  { username, env }: { username: string; env: NodeJS.ProcessEnv },
): Command {
  const user = env['USERDOMAIN'] ? `${env['USERDOMAIN']}\\${username}` : username;
  return [systemProgram('icacls.exe', env), [directory, '/inheritance:r', '/grant:r', `${user}:(OI)(CI)F`]];
}

/** The command of {@link ownersOnly} for the present user, as a person types it. */
export function presentUsersOnlyText(directory: string): string {
  const [, args] = presentUsersOnly(directory);
  return ['icacls', ...args.map(arg => (/^[/\w:]+$/.test(arg) ? arg : `"${arg}"`))].join(' ');
}

/** Gives a directory to the present user alone (Windows only). @throws Error where the system refuses */
export async function giveToOwner(directory: string): Promise<void> {
  await run(presentUsersOnly(directory));
}

/** As {@link giveToOwner}, for those who cannot wait. @throws Error where the system refuses */
export function giveToOwnerSync(directory: string): void {
  const [program, args] = presentUsersOnly(directory);
  // Not imported above, because every start would load it.
  process
    .getBuiltinModule('node:child_process')
    .execFileSync(program, args, { windowsHide: true, timeout: timeLimit });
}

/** Runs a program of the system. @returns what it wrote @throws Error where it fails */
export type Run = (command: Command, env?: NodeJS.ProcessEnv) => Promise<string>;

/** Runs it for real. */
export const run: Run = async ([program, args], env = process.env) => {
  const { execFile } = await import('node:child_process');
  const { stdout } = await promisify(execFile)(program, args, { windowsHide: true, timeout: timeLimit, env });
  return stdout;
};

/** The full name of a program of the system, so that none of another directory is started. */
export function systemProgram(name: string, env: NodeJS.ProcessEnv): string {
  return win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', name);
}

function presentUsersOnly(directory: string): Command {
  return ownersOnly(directory, { username: userInfo().username, env: process.env });
}
