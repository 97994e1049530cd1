import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { configuredServers } from './configuredServers.ts';
import { notice } from './notice.ts';
import { askForValue } from './secretInput.ts';
import { secretNamesOf } from './secretReferences.ts';
import type { SecretStore } from './secretStore.ts';

interface Item extends vscode.QuickPickItem {
  readonly secret: string;
  readonly isKept: boolean;
}

/** Shows the secrets of servers by name, and replaces or removes the one that the person chooses. */
export async function manageSecrets(secrets: SecretStore): Promise<void> {
  const items = await list(secrets);
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      notice(
        vscode.l10n.t(
          'No server has a secret here. Write {0} in the place of a header or variable of omnispindle.servers, and the editor asks for it.',
          '${secret:NAME}',
        ),
      ),
    );
    return;
  }
  const chosen = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Which secret do you want to replace or remove?'),
  });
  if (!chosen) return;
  const replace = { label: chosen.isKept ? vscode.l10n.t('Replace') : vscode.l10n.t('Enter') };
  const remove = { label: vscode.l10n.t('Remove') };
  const action = chosen.isKept
    ? await vscode.window.showQuickPick([replace, remove], {
        title: vscode.l10n.t('What is to be done with {0}?', chosen.secret),
      })
    : replace;
  if (action === remove) {
    await secrets.remove(chosen.secret);
    void vscode.window.showInformationMessage(
      notice(vscode.l10n.t('The secret {0} was removed from this editor.', chosen.secret)),
    );
  } else if (action === replace) {
    const value = await askForValue(
      vscode.l10n.t('Value of {0}', chosen.secret),
      vscode.l10n.t('The editor keeps it in its secret storage; the setting only refers to it.'),
    );
    if (value === undefined) return;
    await secrets.put(chosen.secret, value);
    void vscode.window.showInformationMessage(
      notice(
        vscode.l10n.t('The secret {0} is kept. Servers that use it start again with it.', chosen.secret),
      ),
    );
  }
}

/** Those that are kept, and those that a server refers to. */
async function list(secrets: SecretStore): Promise<Item[]> {
  const users = new Map<string, string[]>();
  for (const [name, server] of configuredServers().servers) {
    for (const secret of secretNamesOf(server)) {
      users.set(secret, [...(users.get(secret) ?? []), plainLine(name)]);
    }
  }
  const kept = await secrets.names();
  return [...new Set([...users.keys(), ...kept])].sort().map(secret => {
    const isKept = kept.includes(secret);
    const used = users.get(secret);
    return {
      secret,
      isKept,
      label: plainLine(secret),
      description: isKept ? '' : vscode.l10n.t('not entered yet'),
      detail: used ? vscode.l10n.t('For {0}', used.join(', ')) : vscode.l10n.t('No server uses it.'),
    };
  });
}
