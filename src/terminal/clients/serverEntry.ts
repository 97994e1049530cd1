import { isDeepStrictEqual } from 'node:util';

/** Our server's name in the configuration of every client. */
export const serverName = 'omnispindle';

/** The argument of `serve` before the organization that people sign in to. */
export const organizationArgument = '--organization';

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
  const own = words.slice(serve + 1);
  const kept = server.args.includes(organizationArgument) ? withoutOrganization(own) : own;
  return { command: server.command, args: [...server.args, ...kept], keep: true };
}

/** Whether an entry starts our server as we would; what else is in it, for example `env`, is the person's. */
export function isOurEntry(entry: unknown, { command, args }: ServerEntry): boolean {
  const current = (entry ?? {}) as Partial<ServerEntry>;
  return current.command === command && isDeepStrictEqual(current.args, args);
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
