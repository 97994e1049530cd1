import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { AuthError } from '../auth/authError.ts';
import type { Session } from '../sessions/session.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import { accountRequest } from './accountId.ts';
import type { Provider } from './authenticationProvider.ts';
import { asRightPerson } from './interactiveSignIn.ts';

/** Finds the session of an account that the person chose for a server, asking to sign in where there is none. */
export type ChosenSession = (
  account: vscode.AuthenticationSessionAccountInformation,
  wanted?: Pick<TokenRequest, 'audience' | 'scopes'>,
) => Promise<Session>;

/**
 * Builds it on our own dialog: the editor's would also make this the account that every other server of ours
 * prefers (VS Code, MainThreadAuthentication).
 */
export function createChosenSession(authenticator: Authenticator, provider: Provider): ChosenSession {
  return async (account, wanted = {}) => {
    const { label } = account;
    const request = await accountRequest(authenticator, account);
    const known = await authenticator.silent({ ...request, ...wanted });
    if (known) return known;
    const yes = vscode.l10n.t('Sign In');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('An MCP server of yours runs as {0}. Sign in as {0} to let it go on.', label),
      { modal: true },
      yes,
    );
    if (answer !== yes) {
      throw new AuthError(
        'access_denied',
        vscode.l10n.t(
          'The account {0} of this server is not signed in. Sign in from the Accounts menu, or choose another with "Omnispindle: Choose Account for Server".',
          label,
        ),
      );
    }
    const session = await asRightPerson(request, named => authenticator.ensure({ ...named, ...wanted }));
    await provider.refresh();
    return session;
  };
}
