import { isOmnispindleError } from '../common/errors.ts';
import { createFileStore } from '../sessions/fileStore.ts';
import { openKeychain } from '../sessions/keychain.ts';
import type { Log } from '../common/log.ts';
import { provePrivateDirectory, sessionsDirectory, userDirectory } from '../platform/paths.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';

/**
 * Where this user's sessions are kept outside any editor: in files, sealed where there is a keychain.
 * @throws OmnispindleError `storage_failed` where the user's directory is not proven their own
 */
export async function openSessionStore(log: Log): Promise<SessionStore> {
  try {
    provePrivateDirectory(userDirectory(), log);
  } catch (error) {
    // Where nobody may look, whoever reads or writes says so.
    if (isOmnispindleError(error)) throw error;
  }
  const { seal, unsealed } = await openKeychain(userDirectory(), log);
  return createFileStore(sessionsDirectory(), log, seal, unsealed);
}
