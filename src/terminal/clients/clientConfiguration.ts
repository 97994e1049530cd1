import type { ClientConfiguration } from './client.ts';
import { jsonServers, withJsonServer, withoutJsonServer } from './jsonConfiguration.ts';
import {
  commonShape,
  readEntry,
  serverName,
  type ConfigurationRequest,
  type EntryShape,
  type RemovalRequest,
  type ServerEntry,
} from './serverEntry.ts';
import { tomlServers, withoutTomlServer, withTomlServer } from './tomlConfiguration.ts';
import { withoutYamlServer, withYamlServer, yamlServers } from './yamlConfiguration.ts';

/** What can be done with a configuration, by its format. */
const formats: Record<
  ClientConfiguration['format'],
  {
    add(request: ConfigurationRequest): string;
    remove(request: RemovalRequest): string;
    servers(text: string, key: string, path: string): unknown;
  }
> = {
  json: { add: withJsonServer, remove: withoutJsonServer, servers: jsonServers },
  toml: { add: withTomlServer, remove: withoutTomlServer, servers: tomlServers },
  yaml: { add: withYamlServer, remove: withoutYamlServer, servers: yamlServers },
};

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
  const shape = client.shape ?? commonShape;
  return mark + formats[client.format].add({ key: client.key, text: content, path, server, shape });
}

/**
 * The configuration without the entry of our name; the rest stays as it is, byte for byte.
 * @returns the same text where it has none
 * @throws OmnispindleError `invalid_settings`, with file and position, where it cannot be read or not safely changed
 */
export function withoutOurServer(client: ClientConfiguration, text: string, path: string): string {
  const [mark, content] = splitMark(text);
  return mark + formats[client.format].remove({ key: client.key, text: content, path });
}

/** A server of a client's configuration that is ours, or has our name. */
export interface OurServer {
  readonly name: string;
  /** Its command and arguments. */
  readonly words: readonly string[];
  /** The names of the variables that it is given. */
  readonly variables: readonly string[];
  /** Whether it is a command of ours that is a server. */
  readonly startsUs: boolean;
}

/**
 * The servers of a configuration that start us, or have our name.
 * @throws OmnispindleError `invalid_settings`, with file and position, where it cannot be read
 */
export function ourServers(client: ClientConfiguration, text: string, path: string): OurServer[] {
  const [, content] = splitMark(text);
  const servers = formats[client.format].servers(content, client.key, path);
  return Object.entries(servers ?? {})
    .map(([name, entry]) => ({ name, ...partsOf(entry, client.shape ?? commonShape) }))
    .filter(({ name, words }) => [name, ...words].some(word => word.includes(serverName)))
    .map(server => ({ ...server, startsUs: server.words.some(word => serverCommands.has(word)) }))
    .filter(({ name, startsUs }) => startsUs || name === serverName);
}

function splitMark(text: string): [mark: string, content: string] {
  return text.startsWith(byteOrderMark) ? [byteOrderMark, text.slice(byteOrderMark.length)] : ['', text];
}

function partsOf(entry: unknown, shape: EntryShape): Pick<OurServer, 'words' | 'variables'> {
  const { command, args, env } = readEntry(entry, shape);
  return { words: [command, args].flat().map(String), variables: Object.keys(env ?? {}) };
}
