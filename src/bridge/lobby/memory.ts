import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../../common/log.ts';
import { redact } from '../../common/redact.ts';
import { ensurePrivateDirectory, provePrivateDirectory } from '../../platform/paths.ts';
import { readPrivateFile, writePrivateFile } from '../../platform/privateFile.ts';
import type { Items, ListMethod } from './lists.ts';

type Values = Readonly<Record<string, unknown>>;

/** What a server has said of itself, and listed. */
export interface Known {
  /** The result of `initialize`. */
  readonly initialized?: Values | undefined;
  /** The result of `server/discover`. */
  readonly discovered?: Values | undefined;
  readonly lists: Readonly<Partial<Record<ListMethod, Items | undefined>>>;
}

/** What a server last listed for an account, in this process or one before. */
export interface ListMemory {
  /** That account's; of the one that was here last where absent. Never rejects. */
  get(account: string | undefined): Promise<Known | undefined>;
  /** Adds to it, in place of what there was of the same; written soon. */
  add(account: string, known: Known): void;
  /** Writes at once what is to be written. Never rejects. */
  flush(): Promise<void>;
}

/** Which server it is about, and where it is kept. */
export interface ListMemoryOptions {
  /** What tells the server from every other one. */
  readonly server: readonly unknown[];
  /** A directory of the user's own. @throws where there is none */
  directory(): string;
  readonly log: Log;
}

/** Largest file (bytes) that is written or read. */
const largestFile = 2 * 1024 * 1024;
/** Most accounts of one server, and most servers, that are kept; those that were used last. */
const [mostAccounts, mostServers] = [8, 100];
/** How long (ms) more is waited for before it is written. */
const pause = 500;
const fileName = /^lists-[\w-]{43}\.json$/;

const items = z.optional(z.array(z.record(z.string(), z.unknown())));
const values = z.optional(z.record(z.string(), z.unknown()));
const fileSchema = z.object({
  version: z.literal(1),
  /** By account, the one that was here last at the end. */
  accounts: z.array(
    z.tuple([
      z.string(),
      z.object({
        initialized: values,
        discovered: values,
        lists: z.object({
          'tools/list': items,
          'prompts/list': items,
          'resources/list': items,
          'resources/templates/list': items,
        }),
      }),
    ]),
  ),
});

/** Remembers what a server lists, in a file of its own. */
export function createListMemory({ server, directory, log }: ListMemoryOptions): ListMemory {
  const name = `lists-${digest(JSON.stringify(server))}.json`;
  const added = new Map<string, Known>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  async function read(): Promise<Map<string, Known>> {
    const within = directory();
    if (!provePrivateDirectory(within, log)) return new Map();
    const text = await readPrivateFile(join(within, name), largestFile, log);
    return new Map(fileSchema.parse(JSON.parse(text)).accounts);
  }
  const readIfAny = () => read().catch(() => new Map<string, Known>());

  async function write(): Promise<void> {
    const accounts = await readIfAny();
    const before = JSON.stringify([...accounts]);
    for (const [account, known] of added) {
      const merged = merge(accounts.get(account), known);
      accounts.delete(account);
      accounts.set(account, merged);
    }
    added.clear();
    const kept = [...accounts].slice(-mostAccounts);
    if (JSON.stringify(kept) === before) return;
    const within = directory();
    await ensurePrivateDirectory(within, log);
    await writePrivateFile(join(within, name), textOf(kept));
    await tidy(within);
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      if (added.size === 0) return;
      await write().catch((error: unknown) => {
        log.debug(`What the server lists is not remembered: ${String(error)}`);
      });
    });
    return writing;
  }

  return {
    async get(account) {
      const accounts = await readIfAny();
      for (const [key, known] of added) accounts.set(key, merge(accounts.get(key), known));
      return account === undefined ? [...accounts.values()].at(-1) : accounts.get(digest(account));
    },
    add(account, known) {
      const key = digest(account);
      added.set(key, merge(added.get(key), plain(known)));
      timer ??= setTimeout(() => void flush(), pause).unref();
    },
    flush,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What is known now, and of the rest what was known before. */
export function merge(before: Known | undefined, now: Known): Known {
  return { ...before, ...now, lists: { ...before?.lists, ...now.lists } };
}

/** Without what is a secret by its looks: a server may say one by mistake. */
function plain(known: Known): Known {
  const text = JSON.stringify(known, (_name, value: unknown) =>
    typeof value === 'string' ? redact(value) : value,
  );
  return JSON.parse(text) as Known;
}

/** The text of a file that is not too large: of whom there is too much, nothing is kept. */
function textOf(accounts: readonly (readonly [string, Known])[]): string {
  for (let first = 0; first < accounts.length; first++) {
    const text = JSON.stringify({ version: 1, accounts: accounts.slice(first) });
    if (Buffer.byteLength(text) <= largestFile) return text;
  }
  return JSON.stringify({ version: 1, accounts: [] });
}

/** Removes the files of servers that were not used for longest. */
async function tidy(within: string): Promise<void> {
  const names = (await readdir(within)).filter(name => fileName.test(name));
  if (names.length <= mostServers) return;
  const times = await Promise.all(
    names.map(async name => {
      const path = join(within, name);
      return { path, time: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const old = times.toSorted((a, b) => b.time - a.time).slice(mostServers);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}
