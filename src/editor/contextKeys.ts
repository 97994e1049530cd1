import * as vscode from 'vscode';
import type { Provider } from './authenticationProvider.ts';
import { createSetContext } from './setContext.ts';
import { affectsOwnServer, affectsServers, teamAddress, userSetting } from './settings.ts';

/**
 * Keeps the keys by which package.json shows and hides commands (VS Code, "when clause contexts"): `omnispindle.signedIn`,
 * `omnispindle.hasServers`, those of the person's own, and `omnispindle.hasTeam`, a team's server.
 * @param provider tells who is signed in
 */
export function keepContextKeys(provider: Pick<Provider, 'onDidLook'>): vscode.Disposable {
  const set = createSetContext();
  const lookAtServers = () => {
    const servers = userSetting('servers');
    // An entry that is wrong can be removed, too.
    set('hasTeam', teamAddress() !== undefined);
    set('hasServers', typeof servers === 'object' && servers !== null && Object.keys(servers).length > 0);
  };

  lookAtServers();
  return vscode.Disposable.from(
    provider.onDidLook(sessions => {
      set('signedIn', sessions.length > 0);
    }),
    vscode.workspace.onDidChangeConfiguration(change => {
      if (affectsServers(change) || affectsOwnServer(change)) lookAtServers();
    }),
  );
}
