import { join } from 'node:path';
import { userDirectory } from '../../../platform/paths.ts';

/** Where `init` keeps the copies of this package that clients start. */
export function installDirectory(): string {
  return join(userDirectory(), 'install');
}

/**
 * The script that clients start. It stays where it is, and leads to the copy that counts now, so that an update
 * needs no change in any client's configuration.
 */
export function launcher(): string {
  return join(installDirectory(), 'omnispindle', 'cli.js');
}

/** Where a copy of Node.js is put where there is no other one to name. */
export function copiedNode(): string {
  const directory = join(installDirectory(), 'node');
  // As Node.js itself has it, so that npm finds no configuration but its user's beside it.
  return process.platform === 'win32' ? join(directory, 'bin', 'node.exe') : join(directory, 'bin', 'node');
}
