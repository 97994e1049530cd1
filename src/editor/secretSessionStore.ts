import * as vscode from 'vscode';
import type { Log } from '../auth/log.ts';
import { parseSession, sessionKey, type Session } from '../auth/session.ts';
import type { SessionStore } from '../auth/sessionStore.ts';

const entryPrefix = 'session:';
const corruptPrefix = 'corrupt:';
/** The list of entries, for editors whose SecretStorage cannot list its keys. */
const indexKey = 'sessions';

type Secrets = vscode.SecretStorage & { keys?(): Thenable<string[]> };

/** Keeps sessions in the editor's SecretStorage, one entry an account; its change event tells other windows. */
export function createSecretSessionStore(secrets: Secrets, log: Log): SessionStore {
  async function index(): Promise<string[]> {
    const listed = secrets.keys ? await secrets.keys() : [];
    const recorded = (await secrets.get(indexKey))?.split('\n') ?? [];
    return [...new Set([...listed, ...recorded])].filter(key => key.startsWith(entryPrefix));
  }

  async function record(keys: readonly string[]): Promise<void> {
    await secrets.store(indexKey, keys.join('\n'));
  }

  async function read(key: string): Promise<Session | undefined> {
    const text = await secrets.get(key);
    if (text === undefined) return undefined;
    const session = parseSession(text);
    if (session) return session;
    log.warn(
      vscode.l10n.t('A stored sign-in could not be read and was set aside. Sign in again to replace it.'),
    );
    await secrets.store(corruptPrefix + key, text);
    await secrets.delete(key);
    return undefined;
  }

  async function list(): Promise<Session[]> {
    const found = await Promise.all((await index()).map(read));
    return found.filter(session => session !== undefined);
  }

  return {
    list,
    probe: () => Promise.resolve(),
    async write(session) {
      const key = entryPrefix + sessionKey(session.tenant, session.account.id);
      await secrets.store(key, JSON.stringify(session));
      const known = await index();
      if (!known.includes(key) || !secrets.keys) await record([...new Set([...known, key])]);
    },
    async remove(id) {
      const known = await index();
      const kept: string[] = [];
      for (const key of known) {
        if ((await read(key))?.id === id) await secrets.delete(key);
        else kept.push(key);
      }
      await record(kept);
    },
    onDidChange: listener =>
      secrets.onDidChange(({ key }) => {
        if (key.startsWith(entryPrefix)) listener();
      }),
  };
}
