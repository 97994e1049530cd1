import * as vscode from 'vscode';
import { parseServerUrl } from '../bridge/remote/serverUrl.ts';
import { OmnispindleError } from '../common/errors.ts';
import { settingText } from '../common/settingText.ts';
import { toolScopes } from '../common/toolScopes.ts';
import type { RemoteServer } from './configuredServers.ts';
import { bundledValue, ownServerKey, userSetting } from './settings.ts';

/**
 * The team's server, where the setting `omnispindle.server` names one; undefined for the bundled one.
 * @throws OmnispindleError `invalid_settings`, in words that do not name the setting
 */
export function teamServer(): RemoteServer | undefined {
  const value = userSetting(ownServerKey) ?? bundledValue;
  if (value === bundledValue) return undefined;
  const address = typeof value === 'string' ? settingText(`omnispindle.${ownServerKey}`, value) : undefined;
  if (address === undefined) {
    throw wrong(
      vscode.l10n.t(
        'It must be "bundled", or the address of your team’s server, like https://example.com/mcp.',
      ),
    );
  }
  const url = parseServerUrl(address);
  // It would never reach the server: what is meant stands before it.
  if (address.includes('#')) {
    throw wrong(vscode.l10n.t('There is a "#" in the address. Remove it, and what follows.'));
  }
  // What the tools may want: the server is ours, so nobody need be asked later.
  return { url: url.href, scopes: [...toolScopes] };
}

function wrong(why: string): OmnispindleError {
  return new OmnispindleError('invalid_settings', why);
}
