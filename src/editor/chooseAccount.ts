import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { editorAccount } from './accountId.ts';
import { signInAsAnother } from './interactiveSignIn.ts';
import { notice } from './notice.ts';
import type { Provider } from './authenticationProvider.ts';
import type { ServerAccounts } from './serverAccounts.ts';
import type { ServerDefinitions } from './serverDefinitions.ts';

/** The parts that the choice of an account changes. */
export interface ChooseAccountOptions {
  readonly authenticator: Authenticator;
  readonly provider: Provider;
  readonly accounts: ServerAccounts;
  readonly definitions: ServerDefinitions;
}

/**
 * Asks which account a server is to run as from now on, and starts it again as that one.
 * @param options the parts that this changes
 * @param named the server, where the person has pointed at one; else they are asked
 */
export async function chooseAccount(options: ChooseAccountOptions, named?: string): Promise<void> {
  const { accounts, definitions } = options;
  const server = named ?? (await pickServer(options));
  if (server === undefined) return;
  const account = await pickAccount(options, server);
  if (account === undefined) return;
  await accounts.choose(server, account === 'preferred' ? undefined : account);
  // A call that the server before still gets would be cancelled.
  await definitions.restart(server);
  void vscode.window.showInformationMessage(
    account === 'preferred'
      ? vscode.l10n.t('{0} runs as the account you prefer for Omnispindle.', server)
      : notice(vscode.l10n.t('{0} runs as {1} from now on.', server, account.label)),
  );
}

async function pickServer({ accounts, definitions }: ChooseAccountOptions): Promise<string | undefined> {
  const names = await definitions.names();
  if (names.length === 1) return names[0];
  const items = names.map(label => ({
    label,
    description: accounts.chosen(label)?.label ?? vscode.l10n.t('the preferred account'),
  }));
  const title = vscode.l10n.t('Which server do you want to choose the account for?');
  return (await vscode.window.showQuickPick(items, { title }))?.label;
}

async function pickAccount(
  { authenticator, provider, accounts }: ChooseAccountOptions,
  server: string,
): Promise<vscode.AuthenticationSessionAccountInformation | 'preferred' | undefined> {
  const chosen = accounts.chosen(server)?.id;
  const sessions = await authenticator.list();
  const known = sessions.map(({ account: { name, ...its } }) => {
    const account = editorAccount(its);
    const isChosen = account.id === chosen && vscode.l10n.t('chosen now');
    return { label: account.label, description: [name, isChosen].filter(Boolean).join(', '), account };
  });
  const another = { label: vscode.l10n.t('Sign in with another account…') };
  const preferred = {
    label: vscode.l10n.t('The account I prefer for Omnispindle'),
    description: chosen === undefined ? vscode.l10n.t('chosen now') : '',
  };
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem>([...known, another, preferred], {
    title: vscode.l10n.t('Which account should {0} run as?', server),
  });
  if (!picked) return undefined;
  if (picked === preferred) return 'preferred';
  const account = known.find(item => item === picked)?.account;
  if (account) return account;
  const session = await signInAsAnother(authenticator);
  await provider.refresh();
  return editorAccount(session.account);
}
