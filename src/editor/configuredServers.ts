import * as vscode from 'vscode';
import * as z from 'zod/mini';
import english from 'zod/v4/locales/en.js';
import { messageOf } from '../common/errors.ts';
import { settingText } from '../common/settingText.ts';
import { parseServerUrl } from '../bridge/remote/serverUrl.ts';
import { parseDirectory, parseTokenVariable } from '../bridge/local/localCommand.ts';
import { bundledServer } from './bundledServer.ts';
import { userSetting } from './settings.ts';

// Without it, zod/mini says no more than "Invalid input".
z.config(english());

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
  tokenVariable: text.check(
    z.refine(saysNothingAgainst(parseTokenVariable), { error: reasonOf(parseTokenVariable) }),
  ),
  ...common,
});

const remoteSchema = z.strictObject({
  url: text.check(z.refine(saysNothingAgainst(parseServerUrl), { error: reasonOf(parseServerUrl) })),
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

/** The setting `omnispindle.servers`: the entries that can be used, and what is wrong with the others. */
export interface ServerSetting {
  readonly servers: ReadonlyMap<string, ConfiguredServer>;
  readonly errors: readonly string[];
}

/** Reads the setting; what loads with the extension does it by `readServers`. */
export function configuredServers(): ServerSetting {
  return parseServers(userSetting('servers') ?? {});
}

/** Reads the setting's value; each error names the entry and the field. */
function parseServers(value: unknown): ServerSetting {
  const servers = new Map<string, ConfiguredServer>();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      servers,
      errors: [vscode.l10n.t('The setting omnispindle.servers must be an object of servers by name.')],
    };
  }
  const errors: string[] = [];
  for (const [name, entry] of Object.entries(value)) {
    const noName = nameProblem(name);
    const problems = noName === undefined ? parse(entry) : [noName];
    if (Array.isArray(problems)) errors.push(...problems.map(problem => complaint(name, problem)));
    else servers.set(name, problems);
  }
  return { servers, errors };
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

function parse(entry: unknown): ConfiguredServer | string[] {
  const isRemote = typeof entry === 'object' && entry !== null && 'url' in entry;
  if (typeof entry !== 'object' || entry === null || isRemote === 'command' in entry) {
    return [vscode.l10n.t('give either "url", for a remote server, or "command", for one on this machine')];
  }
  const { data, error } = (isRemote ? remoteSchema : localSchema).safeParse(entry);
  if (data) return data;
  return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
}

function complaint(name: string, problem: string): string {
  return vscode.l10n.t(
    'The setting omnispindle.servers, server "{0}": {1}.',
    name,
    problem.replace(/\.$/, ''),
  );
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
