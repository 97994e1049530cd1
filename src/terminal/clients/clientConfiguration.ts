import { isDeepStrictEqual } from 'node:util';
import * as l10n from '@vscode/l10n';
import { AuthError } from '../../common/errors.ts';
import type { ClientConfiguration } from './clients.ts';
import { jsonServers, withJsonServer, withoutJsonServer } from './jsonConfiguration.ts';
import { tomlServers, withoutTomlServer, withTomlServer } from './tomlConfiguration.ts';

export const serverName = 'omnispindle';

/** How a client starts our server. */
export interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Our entry by `npx`, for files that are shared with others, where no path of this machine belongs; on Windows `npx`
 * is a batch file, which most clients start only through `cmd`.
 */
export function npxEntry(platform: NodeJS.Platform): ServerEntry {
  const npx = ['npx', '-y', 'omnispindle', 'serve'] as const;
  const [command, ...args] = platform === 'win32' ? (['cmd', '/c', ...npx] as const) : npx;
  return { command, args };
}

/** Our commands that are servers. */
const serverCommands: ReadonlySet<string> = new Set(['serve', 'connect', 'run']);

const byteOrderMark = '\uFEFF';

/**
 * The configuration with our server in it; the rest stays as it is, byte for byte. Of an entry that starts us
 * already, what the person has added stays: `env`, say, and what follows `serve`.
 * @param text what the file holds, empty where there is none
 * @returns the same text where our server is in it already
 * @throws AuthError `invalid_settings`, with file and position, where it cannot be read or not safely changed
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
 * @throws AuthError `invalid_settings`, with file and position, where it cannot be read or not safely changed
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
 * @throws AuthError `invalid_settings`, with file and position, where it cannot be read
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

/** What {@link withoutOurServer} asks of a format. */
export interface RemovalRequest {
  /** The key under which servers stand. */
  readonly key: string;
  readonly text: string;
  readonly path: string;
}

/** What {@link withOurServer} asks of a format. */
export interface ConfigurationRequest extends RemovalRequest {
  readonly server: ServerEntry;
}

/**
 * The entry as we would have it, beside the one of our name that is there.
 * @returns with `keep` where that one is ours already, and only its command and arguments are to change
 */
export function entryBeside(entry: unknown, server: ServerEntry): ServerEntry & { readonly keep: boolean } {
  const { command, args } = (entry ?? {}) as Partial<Record<keyof ServerEntry, unknown>>;
  const words = typeof command === 'string' && Array.isArray(args) ? args.map(String) : [];
  const serve = words.indexOf('serve');
  if (serve < 0) return { ...server, keep: false };
  return { command: server.command, args: [...server.args, ...words.slice(serve + 1)], keep: true };
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

/** The error for a file that nests deeper than any client's does, and than can be walked safely. */
export function tooDeep(path: string): AuthError {
  const text = l10n.t(
    '{0} is nested too deeply; nothing was changed. Correct it, or move it away, then run this again.',
    path,
  );
  return new AuthError('invalid_settings', text);
}

/** How deep a configuration may nest. */
export const depthLimit = 200;
