import { isDeepStrictEqual } from 'node:util';
import { toolScopes } from '../../common/toolScopes.ts';

/** Our server's name in the configuration of every client. */
export const serverName = 'omnispindle';

/** The argument of `serve` before the organization that people sign in to. */
export const organizationArgument = '--organization';

/** How a client starts our server. */
export interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
  /** What the client puts into its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How the entries of a client's configuration are written. */
export interface EntryShape {
  /** The keys of the program, its arguments and its environment. */
  readonly command: string;
  readonly args: string;
  readonly env: string;
  /** What an entry needs besides. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** As most clients have it. */
export const commonShape: EntryShape = { command: 'command', args: 'args', env: 'env' };

/** The arguments that reach a team's server: its scopes are ours, so nobody need be asked for them later. */
export function teamArguments(url: string): string[] {
  return ['connect', url, ...toolScopes.flatMap(scope => ['--scope', scope])];
}

/** The address of the remote server that an entry's words reach; undefined where it is the bundled one. */
export function addressIn(words: readonly string[]): string | undefined {
  const connect = words.indexOf('connect');
  return connect < 0 ? undefined : words[connect + 1];
}

/**
 * Our entry by `npx`, for files that are shared with others, where no path of this machine belongs; on Windows `npx`
 * is a batch file, which most clients start only through `cmd`.
 */
export function npxEntry(platform: NodeJS.Platform, starts: readonly string[] = ['serve']): ServerEntry {
  const npx = ['npx', '-y', 'omnispindle', ...starts] as const;
  const [command, ...args] = platform === 'win32' ? (['cmd', '/c', ...npx] as const) : npx;
  return { command, args };
}

/** What taking our server out asks of a format. */
export interface RemovalRequest {
  /** The key under which servers stand. */
  readonly key: string;
  readonly text: string;
  readonly path: string;
}

/** What putting our server in asks of a format. */
export interface ConfigurationRequest extends RemovalRequest {
  readonly server: ServerEntry;
  readonly shape: EntryShape;
}

/** What our entry is to say. */
export interface WantedEntry {
  /** Whether it starts us already: only these values change, and what else is in it is the person's. */
  readonly keep: boolean;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The entry as we would have it, beside the one of our name that is there. An environment that is there stays: with a
 * part of another tenant's settings it would be neither's.
 */
export function entryBeside(before: unknown, { server, shape }: ConfigurationRequest): WantedEntry {
  const { command, args, env } = readEntry(before, shape);
  const words = typeof command === 'string' && Array.isArray(args) ? args.map(String) : [];
  const own = ownArguments(words, server.args);
  const keep = own !== undefined;
  const hasEnvironment = keep && typeof env === 'object' && env !== null && Object.keys(env).length > 0;
  const values = {
    ...(!keep && shape.extra),
    [shape.command]: server.command,
    [shape.args]: argumentsBeside(server.args, own ?? []),
    ...(server.env && !hasEnvironment && { [shape.env]: { ...server.env } }),
  };
  return { keep, values };
}

/** What stands after our command in an entry that starts the same server; undefined where it starts another. */
function ownArguments(words: readonly string[], wanted: readonly string[]): string[] | undefined {
  const address = addressIn(wanted);
  if (address !== addressIn(words)) return undefined;
  const end = words.indexOf(address ?? 'serve');
  return end < 0 ? undefined : words.slice(end + 1);
}

/** Our arguments, and what the person has added; of a team's server, what they have made of ours. */
function argumentsBeside(wanted: readonly string[], own: readonly string[]): string[] {
  const kept = wanted.includes(organizationArgument) ? withoutOrganization(own) : own;
  const address = addressIn(wanted);
  if (address === undefined || own.length === 0) return [...wanted, ...kept];
  const named = wanted.indexOf(organizationArgument);
  const start = wanted.slice(0, wanted.indexOf(address) + 1);
  return [...start, ...(named < 0 ? [] : wanted.slice(named, named + 2)), ...kept];
}

/** Program, arguments and environment of an entry, as it stands. */
export function readEntry(entry: unknown, shape: EntryShape): Record<'command' | 'args' | 'env', unknown> {
  const values = (entry ?? {}) as Readonly<Record<string, unknown>>;
  return { command: values[shape.command], args: values[shape.args], env: values[shape.env] };
}

/** Whether an entry says what is wanted; what else is in it is the person's. */
export function isAsWanted(before: unknown, { values }: WantedEntry): boolean {
  const current = (before ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(values).every(([name, value]) => isDeepStrictEqual(current[name], value));
}

/** How the text ends its lines. */
export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function withoutOrganization(args: readonly string[]): string[] {
  return args.filter(
    (arg, index) =>
      arg !== organizationArgument &&
      args[index - 1] !== organizationArgument &&
      !arg.startsWith(`${organizationArgument}=`),
  );
}
