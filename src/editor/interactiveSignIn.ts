import * as vscode from 'vscode';
import { isOmnispindleError } from '../common/errors.ts';
import type { Authenticator, SessionRequest } from '../sessions/authenticator.ts';
import type { Session } from '../sessions/session.ts';
import { editorAccount, type AccountRequest } from './accountId.ts';
import { notice } from './notice.ts';
import { logOutOfBrowser } from './openAddress.ts';

type SignsIn = Pick<Authenticator, 'list' | 'signIn'>;

/**
 * Signs in, where the person may have to be another one than the browser is logged in as: where it gives somebody else
 * back, it asks whether to try again with a login page.
 * @param account who is to sign in
 * @param run signs in by that request
 * @throws AuthError `account_mismatch` where the person does not want to try again; what `run` throws
 */
export async function asRightPerson(
  account: AccountRequest,
  run: (request: AccountRequest) => Promise<Session>,
): Promise<Session> {
  for (let request = account; ; request = { ...account, hints: { ...account.hints, prompt: 'login' } }) {
    try {
      return await run(request);
    } catch (error) {
      if (!isOmnispindleError(error, 'account_mismatch')) throw error;
      const again = vscode.l10n.t('Try Again with a Fresh Login');
      const answer = await vscode.window.showWarningMessage(notice(error.message), { modal: true }, again);
      if (answer !== again) throw error;
    }
  }
}

/** Signs in as somebody else than those who are signed in, and says it where it is one of them again. */
export async function signInAsAnother(
  authenticator: SignsIn,
  request: SessionRequest = {},
): Promise<Session> {
  const before = await authenticator.list();
  // Without a login page the browser may give the same person back.
  const hints = { ...(before.length > 0 && { prompt: 'login' as const }), ...request.hints };
  const session = await authenticator.signIn({ ...request, hints });
  const { id, label } = editorAccount(session.account);
  if (before.some(({ account }) => editorAccount(account).id === id)) void offerLogout(session, label);
  return session;
}

/** A code cannot ask for a login page: only a browser that is logged out shows one. */
async function offerLogout(session: Session, label: string): Promise<void> {
  const logout = vscode.l10n.t('Sign Out of the Browser Too');
  const answer = await vscode.window.showWarningMessage(
    notice(
      vscode.l10n.t(
        'You signed in as {0} again, who was signed in already. To add another account, enter its name on the login page.',
        label,
      ),
    ),
    logout,
  );
  if (answer === logout) await logOutOfBrowser(session);
}
