import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { codeOf, isOmnispindleError, type OmnispindleError } from '../common/errors.ts';
import { collectForgotten } from './forgotten.ts';
import type { Log } from '../common/log.ts';
import { ensurePrivateDirectory, provePrivateDirectory, storageFailed } from '../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../platform/privateFile.ts';
import { parseSession } from './parseSession.ts';
import { inPlaceOf, remainder, keyOf, type Session } from './session.ts';
import { freeFileName, parseFileName, type SessionFile } from './sessionFiles.ts';
import type { SessionStore } from './sessionStore.ts';
import {
  tooManyUnreadable,
  warnOfPlain,
  warnOfSealed,
  warnOfUnreadable,
  type Unsealed,
} from './storeWarnings.ts';
import { watchDirectory } from '../platform/watchDirectory.ts';

/** Turns a session's text into what is stored, and back. Where it is absent the text is stored as it is. */
export interface Seal {
  /** Tells the key from others, and nothing about it: 16 hexadecimal digits, which are in the files' names. */
  readonly fingerprint: string;
  seal(text: string): Promise<string>;
  /** Undefined where the text was not sealed with this key. */
  unseal(text: string): Promise<string | undefined>;
}

interface Entry extends SessionFile {
  readonly session: Session;
}

/** Largest file (bytes) that is read as a session. */
const maximumSession = 1 << 20;

/**
 * Keeps each session in a file only its owner can read (0600 in a 0700 directory), written atomically.
 * With a seal the files are encrypted besides; plain ones, of whoever has no seal, are used where an account
 * has no sealed one, and stay plain: a client that cannot reach the keychain shares them.
 * @param unsealed why there is no seal, where there could be one
 */
export function createFileStore(directory: string, log: Log, seal?: Seal, unsealed?: Unsealed): SessionStore {
  const { changed, onDidChange } = watchDirectory(directory, log);
  const pathOf = (name: string) => join(directory, name);

  async function names(): Promise<string[]> {
    try {
      return provePrivateDirectory(directory, log) ? await readdir(directory) : [];
    } catch (error) {
      if (isOmnispindleError(error)) throw error;
      const code = codeOf(error);
      log.warn(
        l10n.t('{0} could not be read ({1}). Correct its permissions, then run this again.', directory, code),
      );
      return [];
    }
  }

  async function files(): Promise<SessionFile[]> {
    return (await names()).map(parseFileName).filter(file => file !== undefined);
  }

  async function read(file: SessionFile): Promise<Entry | undefined> {
    const path = pathOf(file.name);
    try {
      const stored = await readPrivateFile(path, maximumSession, log);
      const text = file.kind === 'sealed' ? await seal?.unseal(stored) : stored;
      const session = text === undefined ? undefined : parseSession(text);
      if (session) return { ...file, session };
      warnOfUnreadable(log, pathOf(file.name));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') {
        log.warn((isOmnispindleError(error) ? error : storageFailed(path, error)).message);
      }
    }
    return undefined;
  }

  async function entries(found: readonly SessionFile[]): Promise<Entry[]> {
    const sealed = found.filter(file => file.kind === 'sealed');
    if (!seal && sealed.length > 0) warnOfSealed(log, directory, unsealed);
    const mine = seal
      ? sealed.filter(({ fingerprint = seal.fingerprint }) => fingerprint === seal.fingerprint)
      : [];
    if (seal) for (const file of sealed) if (!mine.includes(file)) warnOfUnreadable(log, pathOf(file.name));
    const plain = found.filter(file => file.kind === 'plain');
    const readable = await Promise.all([...plain, ...mine].map(read));
    return readable.filter(entry => entry !== undefined).sort(foremost);
  }

  async function put(session: Session, name: string): Promise<void> {
    const path = pathOf(name);
    const text = JSON.stringify(session);
    try {
      await sweep(path);
      await writePrivateFile(
        path,
        parseFileName(name)?.kind === 'sealed' && seal ? await seal.seal(text) : text,
      );
    } catch (error) {
      throw storageFailed(path, error);
    }
  }

  /** Removes what writers of that file who were killed have left beside it: there are tokens in it. */
  async function sweep(path: string): Promise<void> {
    const leftover = new RegExp(`^${basename(path)}\\.\\d+$`);
    for (const name of await readdir(directory)) {
      if (leftover.test(name)) await rm(pathOf(name), { force: true });
    }
  }

  async function drop(name: string): Promise<void> {
    try {
      await sweep(pathOf(name));
      await rm(pathOf(name), { force: true });
    } catch (error) {
      throw storageFailed(pathOf(name), error);
    }
  }

  /** The text of any file of an account's, '' where it is gone, undefined where it cannot be had. */
  async function rawText({ name }: SessionFile): Promise<string | undefined> {
    try {
      const stored = await readPrivateFile(pathOf(name), maximumSession, log);
      return name.includes('.sealed') && stored ? await seal?.unseal(stored) : stored;
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? '' : undefined;
    }
  }

  /**
   * A name for a session whose account has no file that it could replace.
   * @throws OmnispindleError
   */
  function newName(session: Session, all: readonly SessionFile[]): string {
    const key = keyOf(session);
    const taken = all.map(file => file.name);
    const name = freeFileName(key, seal?.fingerprint, taken);
    if (name === undefined) throw tooManyUnreadable(directory);
    if (!seal && (unsealed?.wasSealed || all.some(({ kind }) => kind === 'sealed'))) {
      warnOfPlain(log, session.account.label, pathOf(name), unsealed);
    }
    return name;
  }

  return {
    async list() {
      const alive = (await entries(await files())).filter(({ session }) => !session.ended);
      const first = new Map<string, Session>();
      for (const { key, session } of alive) if (!first.has(key)) first.set(key, session);
      return [...first.values()];
    },

    async keys() {
      return [...new Set((await files()).map(file => file.key))];
    },

    async probe() {
      const path = pathOf('probe');
      await ensurePrivateDirectory(directory, log);
      try {
        await rm(path, { force: true });
        await writeFile(path, 'x'.repeat(16_384), { mode: 0o600, flag: 'wx' });
      } catch (error) {
        throw storageFailed(path, error);
      } finally {
        await rm(path, { force: true });
      }
    },

    async write(session) {
      await ensurePrivateDirectory(directory, log);
      const key = keyOf(session);
      const all = await files();
      const readable = await entries(all.filter(file => file.key === key));
      const current = readable.find(entry => entry.session.id === session.id);
      const kind = current?.kind ?? (seal ? 'sealed' : 'plain');
      const previous = readable.filter(entry => entry.kind === kind);
      const name = (current ?? previous[0])?.name ?? newName(session, all);
      const replaced = previous.map(entry => entry.session);
      await put(inPlaceOf(session, replaced), name);
      for (const entry of previous) if (entry.name !== name) await drop(entry.name);
      changed();
    },

    async remove(id) {
      for (const { name, session } of await entries(await files())) {
        if (session.id !== id) continue;
        const rest = remainder(session);
        await (rest ? put(rest, name) : drop(name));
      }
      changed();
    },

    async clear(key) {
      const found = (await files()).filter(file => file.key === key);
      const forgotten = collectForgotten(await Promise.all(found.map(rawText)));
      let failure: OmnispindleError | undefined;
      for (const { name } of found) {
        await rm(pathOf(name), { recursive: true, force: true }).catch((error: unknown) => {
          failure = storageFailed(pathOf(name), error);
        });
      }
      changed();
      return failure ? { ...forgotten, failure } : forgotten;
    },

    onDidChange,
  };
}

/** Whoever has the key uses what is sealed; of several the latest counts. */
function foremost(a: Entry, b: Entry): number {
  if (a.kind !== b.kind) return a.kind === 'sealed' ? -1 : 1;
  return b.session.signedInAt - a.session.signedInAt || b.session.expiresAt - a.session.expiresAt;
}
