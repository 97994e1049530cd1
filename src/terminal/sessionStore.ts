import { isAuthError } from '../auth/errors.ts';
import { createFileStore } from '../auth/fileStore.ts';
import { openKeychain } from '../auth/keychain.ts';
import type { Log } from '../auth/log.ts';
import { provePrivateDirectory, sessionsDirectory, userDirectory } from '../auth/paths.ts';
import type { SessionStore } from '../auth/sessionStore.ts';

/**
 * Where this user's sessions are kept outside any editor: in files, sealed where there is a keychain.
 * @throws AuthError `storage_failed` where the user's directory is not proven their own
 */
export async function openSessionStore(log: Log): Promise<SessionStore> {
  try {
    provePrivateDirectory(userDirectory(), log);
  } catch (error) {
    // Where nobody may look, whoever reads or writes says so.
    if (isAuthError(error)) throw error;
  }
  const { seal, unsealed } = await openKeychain(userDirectory(), log);
  return createFileStore(sessionsDirectory(), log, seal, unsealed);
}
