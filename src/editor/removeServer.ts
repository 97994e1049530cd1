import * as vscode from 'vscode';
import { plainLine } from '../common/plainText.ts';
import { notice } from './notice.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import { serverEntries, writeServerEntries } from './serverSetting.ts';

/** What is kept of a server besides its entry in the setting. */
interface RemoveServerOptions {
  readonly accounts: ServerAccounts;
}

/**
 * Takes a server out of the setting `omnispindle.servers`, and forgets which account it runs as. It can be undone.
 * @param name the server, where the person has pointed at one; else they are asked
 * @throws OmnispindleError `invalid_settings` where the setting is no object
 */
export async function removeServer({ accounts }: RemoveServerOptions, name?: string): Promise<void> {
  const server = name ?? (await pickServer());
  if (server === undefined) return;
  const { [server]: removed, ...others } = serverEntries();
  if (removed === undefined) return;
  const account = accounts.chosen(server);
  await writeServerEntries(others);
  if (account) await accounts.choose(server, undefined);
  const undo = vscode.l10n.t('Undo');
  const answer = await vscode.window.showInformationMessage(
    notice(vscode.l10n.t('The MCP server {0} was removed.', plainLine(server))),
    undo,
  );
  if (answer !== undo) return;
  if (account) await accounts.choose(server, account);
  await writeServerEntries({ ...serverEntries(), [server]: removed });
}

async function pickServer(): Promise<string | undefined> {
  const items = Object.keys(serverEntries()).map(server => ({ label: plainLine(server), server }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no MCP server of your own.'));
    return undefined;
  }
  const title = vscode.l10n.t('Which MCP server do you want to remove?');
  return (await vscode.window.showQuickPick(items, { title }))?.server;
}
