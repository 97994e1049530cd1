import type * as vscode from 'vscode';
import type { Provider } from './authenticationProvider.ts';
import { offerInAccountsMenu } from './consent.ts';

/**
 * Keeps an entry to sign in by in the editor's Accounts menu while nobody is signed in. The editor itself takes it away
 * with a sign-in.
 * @param provider tells who is signed in
 */
export function keepInAccountsMenu(provider: Pick<Provider, 'onDidLook'>): vscode.Disposable {
  let wasAnybody = true;
  return provider.onDidLook(({ length }) => {
    const isAnybody = length > 0;
    // Where somebody is, the editor would offer to give us access to their account in place of a sign-in.
    if (wasAnybody && !isAnybody) offerInAccountsMenu();
    wasAnybody = isAnybody;
  });
}
