import { userInfo } from 'node:os';
import { win32 } from 'node:path';
import { promisify } from 'node:util';

/** How long (ms) the system may take. */
const timeLimit = 30_000;

/**
 * The command that gives a directory on Windows, and all that will be in it, to one user alone: what it
 * would inherit from its parent counts no more.
 */
export function ownersOnly(
  directory: string,
  { username, env }: { username: string; env: NodeJS.ProcessEnv },
): readonly [program: string, args: readonly string[]] {
  const user = env['USERDOMAIN'] ? `${env['USERDOMAIN']}\\${username}` : username;
  return [
    win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'icacls.exe'),
    [directory, '/inheritance:r', '/grant:r', `${user}:(OI)(CI)F`],
  ];
}

/** Gives a directory to the present user alone (Windows only). @throws Error where the system refuses */
export async function giveToOwner(directory: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  const [program, args] = presentUsersOnly(directory);
  await promisify(execFile)(program, args, { windowsHide: true, timeout: timeLimit });
}

/** As {@link giveToOwner}, for those who cannot wait. @throws Error where the system refuses */
export function giveToOwnerSync(directory: string): void {
  const [program, args] = presentUsersOnly(directory);
  // Not imported above, because every start would load it.
  process
    .getBuiltinModule('node:child_process')
    .execFileSync(program, args, { windowsHide: true, timeout: timeLimit });
}

function presentUsersOnly(directory: string): ReturnType<typeof ownersOnly> {
  return ownersOnly(directory, { username: userInfo().username, env: process.env });
}
