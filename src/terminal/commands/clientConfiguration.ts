import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';
import type { ClientConfiguration } from './clients.ts';
import { jsonServers, withJsonServer } from './jsonConfiguration.ts';
import { tomlServers, withTomlServer } from './tomlConfiguration.ts';

export const serverName = 'omnispindle';

/** How a client starts our server. */
export interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/** Our entry; on Windows `npx` is a batch file, which most clients start only through `cmd`. */
export function serverEntry(platform: NodeJS.Platform): ServerEntry {
  const npx = ['npx', '-y', 'omnispindle', 'serve'] as const;
  const [command, ...args] = platform === 'win32' ? (['cmd', '/c', ...npx] as const) : npx;
  return { command, args };
}

/** Our commands that are servers. */
const serverCommands: ReadonlySet<string> = new Set(['serve', 'connect', 'run']);

const byteOrderMark = '\uFEFF';

/**
 * The configuration with our server in it; the rest stays as it is, byte for byte.
 * @param text what the file holds, empty where there is none
 * @returns the same text where our server is in it already
 * @throws AuthError `invalid_settings`, with file and position, where it cannot be read or not safely changed
 */
export function withOurServer(
  client: ClientConfiguration,
  text: string,
  path: string,
  server = serverEntry(process.platform),
): string {
  const mark = text.startsWith(byteOrderMark) ? byteOrderMark : '';
  const request = { key: client.key, text: text.slice(mark.length), path, server };
  return mark + (client.format === 'json' ? withJsonServer(request) : withTomlServer(request));
}

/**
 * How a configuration starts us: as a command of ours, as something else by our name, or not at all.
 * @throws AuthError `invalid_settings`, with file and position, where it cannot be read
 */
export function startsUs(
  client: ClientConfiguration,
  text: string,
  path: string,
): 'yes' | 'something else' | 'no' {
  const content = text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text;
  const servers = (client.format === 'json' ? jsonServers : tomlServers)(content, client.key, path);
  const ours = Object.entries(servers ?? {})
    .map(([name, entry]) => ({ name, words: wordsOf(entry) }))
    .filter(({ name, words }) => [name, ...words].some(word => word.includes(serverName)));
  if (ours.some(({ words }) => words.some(word => serverCommands.has(word)))) return 'yes';
  return ours.some(({ name }) => name === serverName) ? 'something else' : 'no';
}

function wordsOf(entry: unknown): string[] {
  const { command, args } = (entry ?? {}) as Partial<Record<keyof ServerEntry, unknown>>;
  return [command, args].flat().map(String);
}

/** What {@link withOurServer} asks of a format. */
export interface ConfigurationRequest {
  /** The key under which servers stand. */
  readonly key: string;
  readonly text: string;
  readonly path: string;
  readonly server: ServerEntry;
}

/** Whether an entry starts our server as we would; what else stands in it, `env` say, is the person's. */
export function isOurEntry(entry: unknown, { command, args }: ServerEntry): boolean {
  const current = (entry ?? {}) as Partial<ServerEntry>;
  return current.command === command && isDeepStrictEqual(current.args, args);
}

/** How the text ends its lines. */
export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** The error for a file with a mistake in it at that place, counted from 1. */
export function unreadable(path: string, format: string, line: number, column: number): AuthError {
  return new AuthError(
    'invalid_settings',
    l10n.t(
      '{0} is not valid {1} at line {2}, column {3}; nothing was changed. Correct it, then run this again.',
      path,
      format,
      String(line),
      String(column),
    ),
  );
}

/** The error for a file that is well-formed, but holds something else where servers should stand. */
export function unexpected(path: string, key: string): AuthError {
  return new AuthError(
    'invalid_settings',
    l10n.t(
      '{0} has something unexpected at "{1}" or where omnispindle stands in it; nothing was changed. Correct or remove that, then run this again.',
      path,
      key,
    ),
  );
}
