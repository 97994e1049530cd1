import * as vscode from 'vscode';
import { parseTokenVariable } from '../bridge/local/localCommand.ts';
import { plainLine } from '../common/plainText.ts';
import { reason, type ConfiguredServer } from './configuredServers.ts';
import { askForValue } from './secretInput.ts';
import { referenceTo, secretNameFor } from './secretReferences.ts';
import type { SecretStore } from './secretStore.ts';

/** How many secrets a new server is asked for. */
const mostSecrets = 16;

/**
 * Asks which headers, or variables, with a secret a new server needs besides its token, and keeps their values.
 * @returns the server, which refers to them; undefined where the person has given up, and then nothing is kept
 */
export async function askSecrets<Server extends ConfiguredServer>(
  name: string,
  server: Server,
  secrets: SecretStore,
): Promise<Server | undefined> {
  const given = new Map<string, { readonly secret: string; readonly value: string }>();
  const taken = await secrets.names();
  while (given.size < mostSecrets) {
    const field = await askField(name, server, [...given.keys()]);
    if (field === undefined) return undefined;
    if (field.trim() === '') break;
    const secret = secretNameFor(name, field.trim(), [
      ...taken,
      ...[...given.values()].map(each => each.secret),
    ]);
    const value = await askForValue(
      vscode.l10n.t('Value of {0}', field.trim()),
      vscode.l10n.t('The editor keeps it in its secret storage; the setting only refers to it.'),
    );
    if (value === undefined) return undefined;
    given.set(field.trim(), { secret, value });
  }
  for (const { secret, value } of given.values()) await secrets.put(secret, value);
  if (given.size === 0) return server;
  const fields = Object.fromEntries([...given].map(([field, { secret }]) => [field, referenceTo(secret)]));
  return { ...server, ...('url' in server ? { headers: fields } : { env: fields }) };
}

function askField(
  name: string,
  server: ConfiguredServer,
  given: readonly string[],
): Thenable<string | undefined> {
  const isRemote = 'url' in server;
  return vscode.window.showInputBox({
    title: isRemote
      ? vscode.l10n.t('Header with a secret that {0} needs besides your token', plainLine(name))
      : vscode.l10n.t('Variable with a secret that {0} needs besides your token', plainLine(name)),
    prompt:
      given.length === 0
        ? vscode.l10n.t('Most servers need none: leave it empty.')
        : vscode.l10n.t('Leave it empty if that was all.'),
    placeHolder: isRemote ? 'X-API-Key' : 'API_KEY',
    ignoreFocusOut: true,
    validateInput(text) {
      const field = text.trim();
      if (field === '') return undefined;
      if (given.includes(field)) return vscode.l10n.t('That was given already.');
      return isRemote ? headerProblem(field) : variableProblem(field, server.tokenVariable);
    },
  });
}

function headerProblem(field: string): string | undefined {
  if (field.toLowerCase() === 'authorization') {
    return vscode.l10n.t('Your token is in that header.');
  }
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(field)
    ? undefined
    : vscode.l10n.t('Give the name of a header alone, as in X-API-Key.');
}

function variableProblem(field: string, tokenVariable: string): string | undefined {
  if (field === tokenVariable) return vscode.l10n.t('Your token is in that variable.');
  return reason(parseTokenVariable, field);
}
