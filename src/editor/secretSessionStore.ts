import * as vscode from 'vscode';
import { OmnispindleError } from '../common/errors.ts';
import { collectForgotten } from '../sessions/forgotten.ts';
import type { Log } from '../common/log.ts';
import { parseSession } from '../sessions/parseSession.ts';
import { inPlaceOf, keyOf, remainder, type Session } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/sessionStore.ts';

const entryPrefix = 'session:';
/** Where earlier versions put what they could not read. */
const corruptPrefix = 'corrupt:';
/** The list of entries, for editors whose SecretStorage cannot list its keys; it stays when all of them are gone. */
export const sessionIndex = 'sessions';
/** How many entries an account may have, of which all but one cannot be read. */
const mostEntries = 9;

/** Not every fork of VS Code lists the keys. */
type Secrets = Omit<vscode.SecretStorage, 'keys'> & Partial<Pick<vscode.SecretStorage, 'keys'>>;

interface Entry {
  readonly name: string;
  readonly session: Session;
}

/**
 * Keeps sessions in the editor's SecretStorage, one entry an account (`session:` and its key); its change event
 * tells other windows. Beside an entry that cannot be read the next one is numbered (`session:<key>.2`).
 */
export function createSecretSessionStore(secrets: Secrets, log: Log): SessionStore {
  const said = new Set<string>();

  async function names(): Promise<string[]> {
    const listed = secrets.keys ? await secrets.keys() : [];
    const recorded = (await secrets.get(sessionIndex))?.split('\n') ?? [];
    return [...new Set([...listed, ...recorded])].filter(name => accountOf(name) !== undefined);
  }

  async function record(all: readonly string[]): Promise<void> {
    await secrets.store(sessionIndex, all.filter(name => name.startsWith(entryPrefix)).join('\n'));
  }

  async function read(name: string): Promise<Entry | undefined> {
    const text = await secrets.get(name);
    const session = text === undefined ? undefined : parseSession(text);
    if (session) return { name, session };
    if (text !== undefined && !said.has(name)) {
      said.add(name);
      log.warn(
        vscode.l10n.t(
          'A stored sign-in could not be read: it is damaged, or of another version. It is left as it is. Sign in again; a sign-out of that account removes it.',
        ),
      );
    }
    return undefined;
  }

  async function entries(all: readonly string[]): Promise<Entry[]> {
    const found = await Promise.all(all.filter(name => name.startsWith(entryPrefix)).map(read));
    return found
      .filter(entry => entry !== undefined)
      .sort((a, b) => b.session.signedInAt - a.session.signedInAt);
  }

  function newName(key: string, taken: readonly string[]): string {
    for (let count = 1; count <= mostEntries; count++) {
      const name = entryPrefix + key + (count === 1 ? '' : `.${String(count)}`);
      if (!taken.includes(name)) return name;
    }
    throw new OmnispindleError(
      'storage_failed',
      vscode.l10n.t(
        'The editor has too many stored sign-ins of this account that cannot be read. Sign out and in again.',
      ),
    );
  }

  return {
    async list() {
      const first = new Map<string, Session>();
      for (const { session } of await entries(await names())) {
        if (!session.ended && !first.has(keyOf(session))) first.set(keyOf(session), session);
      }
      return [...first.values()];
    },

    async keys() {
      return [...new Set((await names()).map(name => accountOf(name) ?? ''))];
    },

    probe: () => Promise.resolve(),

    async write(session) {
      const key = keyOf(session);
      const all = await names();
      const previous = await entries(all.filter(name => accountOf(name) === key));
      const current = previous.find(entry => entry.session.id === session.id) ?? previous[0];
      const name = current?.name ?? newName(key, all);
      const replaced = previous.map(entry => entry.session);
      await secrets.store(name, JSON.stringify(inPlaceOf(session, replaced)));
      const others = previous.map(entry => entry.name).filter(other => other !== name);
      for (const other of others) await secrets.delete(other);
      if (!all.includes(name) || others.length > 0 || !secrets.keys) {
        await record([...new Set([...all, name])].filter(kept => !others.includes(kept)));
      }
    },

    async remove(id) {
      const all = await names();
      const gone: string[] = [];
      for (const { name, session } of await entries(all)) {
        if (session.id !== id) continue;
        const rest = remainder(session);
        if (rest) await secrets.store(name, JSON.stringify(rest));
        else {
          gone.push(name);
          await secrets.delete(name);
        }
      }
      if (gone.length > 0) await record(all.filter(name => !gone.includes(name)));
    },

    async clear(key) {
      const all = await names();
      // Not every editor can list what earlier versions set aside.
      const aside = corruptPrefix + entryPrefix + key;
      const gone = [...new Set([...all.filter(name => accountOf(name) === key), aside])];
      const texts = await Promise.all(gone.map(async name => (await secrets.get(name)) ?? ''));
      for (const name of gone) await secrets.delete(name);
      await record(all.filter(name => !gone.includes(name)));
      return collectForgotten(texts);
    },

    onDidChange: listener =>
      secrets.onDidChange(({ key }) => {
        if (key.startsWith(entryPrefix)) listener();
      }),
  };
}

/** The account whose entry, or whose entry that was set aside, has that name. */
function accountOf(name: string): string | undefined {
  return /^(?:corrupt:)?session:([^.]+)(?:\.\d)?$/.exec(name)?.[1];
}
