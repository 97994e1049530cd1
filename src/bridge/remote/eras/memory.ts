import { createHash } from 'node:crypto';
import type { Log } from '../../../common/log.ts';
import { isObject } from '../../../common/isObject.ts';
import { createServerRecords } from '../serverRecords.ts';
import type { Era } from './era.ts';

/** What was found out of a server earlier, by the era of the client that asked: a server may be of both. */
export interface EraMemory {
  /** The era to speak with the server; undefined where nothing is known. Never rejects. */
  get(client: Era): Promise<Era | undefined>;
  /** Notes what was found; undefined forgets it. Never rejects. */
  set(client: Era, server: Era | undefined): Promise<void>;
}

/** Which server it is about, and where it is kept. */
export interface EraMemoryOptions {
  readonly url: URL;
  /** A directory of the user's own. @throws where there is none */
  directory(): string;
  readonly log: Log;
}

interface Entry {
  readonly era: Era;
  /** When (ms since 1970) it was found. */
  readonly at: number;
}

/** Largest file (bytes) that is read. */
const largestFile = 64 * 1024;
/** How long (ms) it counts: a server that has learned the newer era still answers in the older one. */
const validFor: Readonly<Record<Era, number>> = { legacy: 86_400_000, modern: 30 * 86_400_000 };

/** Remembers the eras of servers over all processes of the user, in a file; without one, for this process. */
export function createEraMemory({ url, directory, log }: EraMemoryOptions): EraMemory {
  const known = new Map<Era, Era | undefined>();
  // An address may have a key in it.
  const server = createHash('sha256').update(url.href).digest('base64url');

  const records = createServerRecords<Entry>({ fileName: 'eras.json', largestFile, directory, parse, log });

  async function read(key: string): Promise<Era | undefined> {
    const entry = (await records.read()).get(key);
    if (!entry) return undefined;
    const age = Date.now() - entry.at;
    return age >= 0 && age < validFor[entry.era] ? entry.era : undefined;
  }

  return {
    async get(client) {
      if (!known.has(client)) known.set(client, await read(`${server} ${client}`).catch(() => undefined));
      return known.get(client);
    },
    async set(client, era) {
      if ((await this.get(client)) === era) return;
      known.set(client, era);
      try {
        await records.put(`${server} ${client}`, era && { era, at: Date.now() });
      } catch (error) {
        log.debug(`The era of the server is not remembered: ${String(error)}`);
      }
    },
  };
}

/** What of that text is an entry. @throws SyntaxError where it is not JSON */
function parse(text: string): Map<string, Entry> {
  const parsed: unknown = JSON.parse(text);
  const all = isObject(parsed) ? Object.entries(parsed) : [];
  return new Map(all.filter((each): each is [string, Entry] => isEntry(each[1])));
}

function isEntry(value: unknown): value is Entry {
  return (
    isObject(value) &&
    (value['era'] === 'legacy' || value['era'] === 'modern') &&
    Number.isSafeInteger(value['at'])
  );
}
