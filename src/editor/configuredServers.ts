import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { messageOf } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import { settingText } from '../common/settingText.ts';
import { parseServerUrl } from '../bridge/remote/serverUrl.ts';
import { parseDirectory, parseTokenVariable } from '../bridge/local/localCommand.ts';
import { bundledServer } from './bundledServer.ts';
import { inWords } from './mistakeWords.ts';
import { ownServerKey, userSetting } from './settings.ts';
import { teamServer } from './teamServer.ts';

const text = z.string().check(z.minLength(1));
/** Longest identifier of an API (UTF-16 units). */
const longestAudience = 2_048;
const common = {
  audience: z.optional(
    text.check(
      z.maxLength(longestAudience),
      z.refine(saysNothingAgainst(parseAudience), { error: reasonOf(parseAudience) }),
    ),
  ),
  scopes: z.optional(z.array(text)),
};

const localSchema = z.strictObject({
  command: text,
  args: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  cwd: z.optional(
    z.string().check(z.refine(saysNothingAgainst(parseDirectory), { error: reasonOf(parseDirectory) })),
  ),
  tokenVariable: z
    .string()
    .check(z.refine(saysNothingAgainst(parseTokenVariable), { error: reasonOf(parseTokenVariable) })),
  ...common,
});

const remoteSchema = z.strictObject({
  url: z.string().check(z.refine(saysNothingAgainst(parseServerUrl), { error: reasonOf(parseServerUrl) })),
  headers: z.optional(z.record(z.string(), z.string())),
  transport: z.optional(z.enum(['http-first', 'sse-first', 'http-only', 'sse-only'])),
  ...common,
});

/** A local server: a stdio command, and the variable it reads its token from. */
export type LocalServer = z.infer<typeof localSchema>;
/** A remote server, over Streamable HTTP. */
export type RemoteServer = z.infer<typeof remoteSchema>;
/** A server of the setting `omnispindle.servers`. */
export type ConfiguredServer = LocalServer | RemoteServer;

/** What is wrong in a setting. */
export interface SettingMistake {
  /** The setting, by its whole name. */
  readonly setting: 'omnispindle.server' | 'omnispindle.servers';
  /** The server that it is about; the whole setting where absent. */
  readonly server?: string;
  /** A sentence for the person. */
  readonly text: string;
}

/** Our servers by name, as they are started: undefined stands for the bundled one. */
export type Servers = ReadonlyMap<string, ConfiguredServer | undefined>;

/** The settings of servers: those that can be used, ours first, and what is wrong with the others. */
export interface ServerSetting {
  readonly servers: Servers;
  readonly mistakes: readonly SettingMistake[];
}

/** Reads the settings; what loads with the extension does it by `readServers`. */
export function configuredServers(): ServerSetting {
  const [own, others] = [ownServer(), parseServers(userSetting('servers') ?? {})];
  return {
    servers: new Map([...own.servers, ...others.servers]),
    mistakes: [...own.mistakes, ...others.mistakes],
  };
}

/** No server at all where the setting is wrong: tools of the bundled one would keep elsewhere what is meant for the team. */
function ownServer(): ServerSetting {
  try {
    return { servers: new Map([[bundledServer, teamServer()]]), mistakes: [] };
  } catch (error) {
    const text = [
      messageOf(error),
      vscode.l10n.t('Until it is corrected, there is no server {0} here.', bundledServer),
    ].join(' ');
    const setting = `omnispindle.${ownServerKey}` as const;
    return { servers: new Map(), mistakes: [{ setting, server: bundledServer, text }] };
  }
}

/** Reads the setting's value; each mistake names the entry and the field. */
function parseServers(value: unknown): ServerSetting {
  const setting: SettingMistake['setting'] = 'omnispindle.servers';
  const servers = new Map<string, ConfiguredServer>();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const text = vscode.l10n.t('It must be an object of servers by name.');
    return { servers, mistakes: [{ setting, text }] };
  }
  const mistakes: SettingMistake[] = [];
  for (const [server, entry] of Object.entries(value)) {
    const noName = nameProblem(server);
    const parsed = noName === undefined ? parse(entry) : [noName];
    if (!Array.isArray(parsed)) servers.set(server, parsed);
    else {
      mistakes.push(
        ...parsed.map(problem => ({
          setting,
          server,
          text: vscode.l10n.t('Server "{0}": {1}', plainLine(server), problem),
        })),
      );
    }
  }
  return { servers, mistakes };
}

/** What is wrong with that name for a server; undefined where nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return vscode.l10n.t('A server needs a name.');
  if (name.trim().toLowerCase() !== bundledServer.toLowerCase()) return undefined;
  return vscode.l10n.t('That is the name of the server that comes with the extension. Choose another.');
}

/** @throws OmnispindleError `invalid_settings` where it is a placeholder */
function parseAudience(value: string): void {
  settingText('audience', value);
}

/** @returns what is wrong with the entry, in sentences, where something is */
function parse(entry: unknown): ConfiguredServer | string[] {
  const isRemote = typeof entry === 'object' && entry !== null && 'url' in entry;
  if (typeof entry !== 'object' || entry === null || isRemote === 'command' in entry) {
    return [vscode.l10n.t('Give either "url", for a remote server, or "command", for one on this machine.')];
  }
  const schema = isRemote ? remoteSchema : localSchema;
  const { data, error } = schema.safeParse(entry, { error: inWords(Object.keys(schema.shape)) });
  return data ?? error.issues.map(({ message }) => message);
}

function saysNothingAgainst(check: (value: string) => unknown) {
  return (value: string) => reason(check, value) === undefined;
}

function reasonOf(check: (value: string) => unknown) {
  return ({ input }: { input?: unknown }) => reason(check, String(input)) ?? '';
}

/** Why `check` refuses the value, in its own words; undefined where it does not. */
export function reason(check: (value: string) => unknown, value: string): string | undefined {
  try {
    check(value);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
