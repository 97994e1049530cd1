import * as vscode from 'vscode';
import { AuthError } from '../auth/authError.ts';
import { messageOf } from '../common/errors.ts';
import { providerId } from './authenticationProvider.ts';

/**
 * A session for our own use with the editor's consent: its dialogs, its choice between accounts, and the
 * sign-in where there is none.
 * @param account the account that must be used, where one was chosen before
 * @param scopes what the session must have besides the default ones
 * @throws AuthError `access_denied` where the person says no
 */
export async function sessionByConsent(
  account?: vscode.AuthenticationSessionAccountInformation,
  scopes: readonly string[] = [],
): Promise<vscode.AuthenticationSession> {
  try {
    return await vscode.authentication.getSession(providerId, scopes, {
      createIfNone: { detail: vscode.l10n.t('Omnispindle’s tools run as you.') },
      ...(account && { account }),
    });
  } catch (error) {
    throw new AuthError(
      'access_denied',
      vscode.l10n.t(
        'Nobody is signed in to Omnispindle ({0}). Sign in from the Accounts menu, then try again.',
        messageOf(error),
      ),
    );
  }
}
