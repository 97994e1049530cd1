import * as vscode from 'vscode';
import { messageOf } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import type { EditorAccount } from './accountId.ts';
import { providerId } from './authenticationProvider.ts';
import { DeclinedError } from './declined.ts';

/** For whom, and for what, the editor asks. */
export interface ConsentRequest {
  /** The server that needs it, where it is known. */
  readonly server?: string | undefined;
  /** The account that must be used, where one was chosen before. */
  readonly account?: vscode.AuthenticationSessionAccountInformation;
  /** What the session must have besides the default ones. */
  readonly scopes?: readonly string[];
}

/**
 * A session for our own use with the editor's consent: its dialogs, its choice between accounts, and the
 * sign-in where there is none.
 * @throws DeclinedError where the person says no, or the sign-in fails: the editor does not tell the one from the other
 */
export async function sessionByConsent({
  server,
  account,
  scopes = [],
}: ConsentRequest = {}): Promise<vscode.AuthenticationSession> {
  try {
    return await vscode.authentication.getSession(providerId, scopes, {
      createIfNone: { detail: reason(server) },
      ...(account && { account }),
    });
  } catch (error) {
    throw new DeclinedError(
      vscode.l10n.t(
        'Nobody is signed in to Omnispindle ({0}). Sign in from the Accounts menu, then try again.',
        messageOf(error),
      ),
    );
  }
}

/** The account that the editor prefers for us, or the only one that we may use; asks nobody. */
export async function preferredAccount(): Promise<EditorAccount | undefined> {
  return (await vscode.authentication.getSession(providerId, [], { silent: true }))?.account;
}

/** Without a request of ours there is no way to sign in from the Accounts menu. */
export function offerInAccountsMenu(): void {
  // One that is not silent, and creates nothing, only adds its entry to the menu.
  void vscode.authentication.getSession(providerId, []).then(undefined, () => undefined);
}

function reason(server: string | undefined): string {
  return server === undefined
    ? vscode.l10n.t('Omnispindle’s tools run as you.')
    : vscode.l10n.t('A tool of {0} was called. It runs as you.', plainLine(server));
}
