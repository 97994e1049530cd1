import { createFileStore } from '../auth/fileStore.ts';
import { openKeychain } from '../auth/keychain.ts';
import type { Log } from '../auth/log.ts';
import { sessionsDirectory, userDirectory } from '../auth/paths.ts';
import type { SessionStore } from '../auth/sessionStore.ts';

/** Where this user's sessions are kept outside any editor: in files, sealed where there is a keychain. */
export async function openSessionStore(log: Log): Promise<SessionStore> {
  const { seal, unsealed } = await openKeychain(userDirectory(), log);
  return createFileStore(sessionsDirectory(), log, seal, unsealed);
}
