import * as vscode from 'vscode';
import { isOmnispindleError, OmnispindleError } from '../common/errors.ts';
import { issuerOf } from '../auth/tenant.ts';
import { lookForServer } from '../bridge/remote/lookForServer.ts';
import { parseServerUrl } from '../bridge/remote/serverUrl.ts';
import { parseTokenVariable } from '../bridge/local/localCommand.ts';
import {
  nameProblem,
  reason,
  type LocalServer,
  type ConfiguredServer,
  type RemoteServer,
} from './configuredServers.ts';
import { targetOf } from './launch.ts';
import { askSecrets } from './askSecrets.ts';
import type { SecretStore } from './secretStore.ts';
import type { ServerAnswers } from './serverAnswers.ts';
import type { ServerDefinitions } from './serverDefinitions.ts';
import { askForDefault, declaredAudienceOf } from './serverAudience.ts';
import { tenantSetting, userSetting } from './settings.ts';

/** Starts a server, in VS Code. */
const startCommand = 'workbench.mcp.startServer';

/** The parts that adding a server needs. */
export interface AddServerOptions {
  readonly answers: ServerAnswers;
  readonly secrets: SecretStore;
  readonly definitions: Pick<ServerDefinitions, 'takesServers'>;
}

/**
 * Asks for a local or remote server, checks it, and puts it into the setting `omnispindle.servers`.
 * @throws OmnispindleError `unsupported_runtime` in an editor that would not start it
 */
export async function addServer({ answers, secrets, definitions }: AddServerOptions): Promise<void> {
  if (!definitions.takesServers) throw notTaken();
  const before = currentServers();
  const remote = { label: vscode.l10n.t('Remote server'), description: vscode.l10n.t('by its address') };
  const local = { label: vscode.l10n.t('Local server'), description: vscode.l10n.t('by its command') };
  const kind = await vscode.window.showQuickPick([remote, local], {
    title: vscode.l10n.t('Which kind of MCP server should get your token?'),
  });
  if (!kind) return;
  const asked = kind === remote ? await askRemote() : await askLocal();
  if (!asked) return;
  const name = await askName(asked, Object.keys(before));
  if (name === undefined) return;
  const server = await askSecrets(name, asked, secrets);
  if (!server) return;
  if ('url' in server && !(await askForAudience(name, server, { answers, secrets }))) return;
  await vscode.workspace
    .getConfiguration('omnispindle')
    .update('servers', { ...before, [name]: server }, vscode.ConfigurationTarget.Global);
  const start = vscode.l10n.t('Start');
  const canStart = (await vscode.commands.getCommands(true)).includes(startCommand);
  const answer = await vscode.window.showInformationMessage(
    vscode.l10n.t('The MCP server {0} was added. It runs as you, with a token that never goes stale.', name),
    ...(canStart ? [start] : []),
  );
  if (answer === start) {
    await vscode.commands.executeCommand(startCommand, `omnispindle.omnispindle/${name}`);
  }
}

function notTaken(): OmnispindleError {
  return new OmnispindleError(
    'unsupported_runtime',
    vscode.l10n.t(
      '{0} takes no MCP servers from extensions, so a server that is added here would never start. Add it to the configuration of {0}, with the command "omnispindle connect ADDRESS" or "omnispindle run".',
      vscode.env.appName,
    ),
  );
}

function currentServers(): Record<string, unknown> {
  const value = userSetting('servers') ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OmnispindleError(
    'invalid_settings',
    vscode.l10n.t('The setting omnispindle.servers must be an object of servers by name. Correct it first.'),
  );
}

async function askRemote(): Promise<RemoteServer | undefined> {
  const url = await vscode.window.showInputBox({
    title: vscode.l10n.t('Address of the MCP server'),
    prompt: vscode.l10n.t('Your token goes to this address, and nowhere else.'),
    placeHolder: 'https://example.com/mcp',
    ignoreFocusOut: true,
    validateInput: value => reason(parseServerUrl, value),
  });
  if (url === undefined) return undefined;
  const problem = await problemOf(url);
  const agreed = problem === undefined || (await addAnyway(problem));
  return agreed ? { url } : undefined;
}

async function problemOf(url: string): Promise<string | undefined> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Looking for an MCP server at {0}…', url),
      cancellable: true,
    },
    (_progress, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => {
        stop.abort();
      });
      return lookForServer(url, stop.signal);
    },
  );
}

/**
 * Finds out for which API the server's tokens are, or asks whether it may have those for the default one.
 * @returns whether it is to be added
 */
async function askForAudience(
  name: string,
  server: RemoteServer,
  { answers, secrets }: { readonly answers: ServerAnswers; readonly secrets: SecretStore },
): Promise<boolean> {
  const tenant = tenantSetting();
  try {
    const { headers } = await secrets.of(name, server, {});
    if ((await declaredAudienceOf({ ...server, headers }, issuerOf(tenant))) !== undefined) return true;
  } catch (error) {
    if (!isOmnispindleError(error)) throw error;
    // Who gives no answer now is asked when it starts.
    return error.code === 'server_error' || addAnyway(error.message);
  }
  const asked = { target: targetOf(server), audience: tenant.audience };
  if (answers.mayHaveDefault(asked)) return true;
  if (!(await askForDefault(name, server, tenant.audience))) return false;
  await answers.allowDefault(asked);
  return true;
}

async function askLocal(): Promise<LocalServer | undefined> {
  const { parseArgsStringToArgv } = await import('string-argv');
  const line = await vscode.window.showInputBox({
    title: vscode.l10n.t('Command of the MCP server, with its arguments'),
    placeHolder: 'npx -y some-mcp-server --option "a value"',
    ignoreFocusOut: true,
    validateInput: value => (value.trim() === '' ? vscode.l10n.t('Give a command.') : undefined),
  });
  const [command, ...args] = parseArgsStringToArgv(line ?? '');
  if (command === undefined) return undefined;
  const { default: which } = await import('which');
  if ((await which(command, { nothrow: true })) === null) {
    const problem = vscode.l10n.t('The command {0} was not found on this machine.', command);
    if (!(await addAnyway(problem))) return undefined;
  }
  const tokenVariable = await vscode.window.showInputBox({
    title: vscode.l10n.t('Environment variable in which the server expects its token'),
    placeHolder: 'API_TOKEN',
    ignoreFocusOut: true,
    validateInput: value => reason(parseTokenVariable, value),
  });
  return tokenVariable === undefined
    ? undefined
    : { command, ...(args.length > 0 && { args }), tokenVariable };
}

async function addAnyway(problem: string): Promise<boolean> {
  const yes = vscode.l10n.t('Add Anyway');
  return (await vscode.window.showWarningMessage(problem, { modal: true }, yes)) === yes;
}

function askName(server: ConfiguredServer, taken: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the server'),
    value: 'url' in server ? new URL(server.url).hostname : server.command.replace(/^.*[\\/]/, ''),
    ignoreFocusOut: true,
    validateInput: name =>
      taken.includes(name)
        ? vscode.l10n.t('There is a server {0} already. Choose another name.', name)
        : nameProblem(name)?.[0],
  });
}
