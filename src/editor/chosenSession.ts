import * as vscode from 'vscode';
import type { Authenticator } from '../sessions/authenticator.ts';
import { plainLine } from '../common/plainText.ts';
import type { Session } from '../sessions/session.ts';
import type { TokenRequest } from '../sessions/tokenSource.ts';
import { accountRequest } from './accountId.ts';
import type { Provider } from './authenticationProvider.ts';
import { DeclinedError } from './declined.ts';
import { asRightPerson } from './interactiveSignIn.ts';

/** Finds the session of an account that the person chose for a server, asking to sign in where there is none. */
export type ChosenSession = (
  account: vscode.AuthenticationSessionAccountInformation,
  wanted?: Pick<TokenRequest, 'audience' | 'scopes'>,
  server?: string,
) => Promise<Session>;

/**
 * Builds it on our own dialog: the editor's would also make this the account that every other server of ours
 * prefers (VS Code, MainThreadAuthentication).
 */
export function createChosenSession(authenticator: Authenticator, provider: Provider): ChosenSession {
  return async (account, wanted = {}, server = vscode.l10n.t('An MCP server of yours')) => {
    const { label } = account;
    const request = await accountRequest(authenticator, account);
    const known = await authenticator.silent({ ...request, ...wanted });
    if (known) return known;
    const yes = vscode.l10n.t('Sign In');
    const answer = await vscode.window.showInformationMessage(
      vscode.l10n.t('{0} runs as {1}. Sign in as {1} to let it go on.', plainLine(server), label),
      { modal: true },
      yes,
    );
    if (answer !== yes) {
      throw new DeclinedError(
        vscode.l10n.t(
          'The account {0} of this server is not signed in. Sign in with "Omnispindle: Sign In", or choose another with "Omnispindle: Choose Account for MCP Server…".',
          label,
        ),
      );
    }
    const session = await asRightPerson(request, named => authenticator.ensure({ ...named, ...wanted }));
    await provider.refresh();
    return session;
  };
}
