import type { ClientConfiguration } from './clients.ts';
import { jsonServers, withJsonServer, withoutJsonServer } from './jsonConfiguration.ts';
import { serverName, type ServerEntry } from './serverEntry.ts';
import { tomlServers, withoutTomlServer, withTomlServer } from './tomlConfiguration.ts';

/** Our commands that are servers. */
const serverCommands: ReadonlySet<string> = new Set(['serve', 'connect', 'run']);

const byteOrderMark = '\uFEFF';

/**
 * The configuration with our server in it; the rest stays as it is, byte for byte. Of an entry that starts us
 * already, what the person has added stays: `env` for example, and what follows `serve`.
 * @param text what the file holds, empty where there is none
 * @returns the same text where our server is in it already
 * @throws OmnispindleError `invalid_settings`, with file and position, where it cannot be read or not safely changed
 */
export function withOurServer(
  client: ClientConfiguration,
  text: string,
  path: string,
  server: ServerEntry,
): string {
  const [mark, content] = splitMark(text);
  const request = { key: client.key, text: content, path, server };
  return mark + (client.format === 'json' ? withJsonServer(request) : withTomlServer(request));
}

/**
 * The configuration without the entry of our name; the rest stays as it is, byte for byte.
 * @returns the same text where it has none
 * @throws OmnispindleError `invalid_settings`, with file and position, where it cannot be read or not safely changed
 */
export function withoutOurServer(client: ClientConfiguration, text: string, path: string): string {
  const [mark, content] = splitMark(text);
  const request = { key: client.key, text: content, path };
  return mark + (client.format === 'json' ? withoutJsonServer(request) : withoutTomlServer(request));
}

/** A server of a client's configuration that is ours, or has our name. */
export interface OurServer {
  readonly name: string;
  /** Its command and arguments. */
  readonly words: readonly string[];
  /** Whether it is a command of ours that is a server. */
  readonly startsUs: boolean;
}

/**
 * The servers of a configuration that start us, or have our name.
 * @throws OmnispindleError `invalid_settings`, with file and position, where it cannot be read
 */
export function ourServers(client: ClientConfiguration, text: string, path: string): OurServer[] {
  const [, content] = splitMark(text);
  const servers = (client.format === 'json' ? jsonServers : tomlServers)(content, client.key, path);
  return Object.entries(servers ?? {})
    .map(([name, entry]) => ({ name, words: wordsOf(entry) }))
    .filter(({ name, words }) => [name, ...words].some(word => word.includes(serverName)))
    .map(({ name, words }) => ({ name, words, startsUs: words.some(word => serverCommands.has(word)) }))
    .filter(({ name, startsUs }) => startsUs || name === serverName);
}

function splitMark(text: string): [mark: string, content: string] {
  return text.startsWith(byteOrderMark) ? [byteOrderMark, text.slice(byteOrderMark.length)] : ['', text];
}

function wordsOf(entry: unknown): string[] {
  const { command, args } = (entry ?? {}) as Partial<Record<keyof ServerEntry, unknown>>;
  return [command, args].flat().map(String);
}
