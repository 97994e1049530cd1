import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { win32 } from 'node:path';
import { promisify } from 'node:util';

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
  const [program, args] = ownersOnly(directory, { username: userInfo().username, env: process.env });
  await promisify(execFile)(program, args, { windowsHide: true });
}
