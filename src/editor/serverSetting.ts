import * as vscode from 'vscode';
import { OmnispindleError } from '../common/errors.ts';
import { userSetting } from './settings.ts';

/**
 * The entries of the setting `omnispindle.servers` as they stand there, also those that are wrong.
 * @throws OmnispindleError `invalid_settings` where the setting is no object
 */
export function serverEntries(): Record<string, unknown> {
  const value = userSetting('servers') ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OmnispindleError(
    'invalid_settings',
    vscode.l10n.t('The setting omnispindle.servers must be an object of servers by name. Correct it first.'),
  );
}

/**
 * Writes them.
 * @param entries all of them
 */
export async function writeServerEntries(entries: Record<string, unknown>): Promise<void> {
  await vscode.workspace
    .getConfiguration('omnispindle')
    .update('servers', entries, vscode.ConfigurationTarget.Global);
}
