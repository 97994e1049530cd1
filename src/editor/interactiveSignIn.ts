import * as vscode from 'vscode';
import type { LoginHints } from '../auth/flows/flow.ts';
import { isOmnispindleError } from '../common/errors.ts';
import type { Authenticator, SessionRequest } from '../sessions/authenticator.ts';
import type { Session } from '../sessions/session.ts';
import { notice } from './notice.ts';

type SignsIn = Pick<Authenticator, 'list' | 'signIn'>;

/**
 * Signs in, where the person may have to be another one than the browser is logged in as: where it gives somebody else
 * back, it asks whether to try again with a login page.
 * @param run signs in with those hints
 * @throws AuthError `account_mismatch` where the person does not want to try again; what `run` throws
 */
export async function asRightPerson(run: (hints: LoginHints) => Promise<Session>): Promise<Session> {
  for (let hints: LoginHints = {}; ; hints = { prompt: 'login' }) {
    try {
      return await run(hints);
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
  const { account } = session;
  if (before.some(one => one.account.id === account.id && one.account.label === account.label)) {
    void vscode.window.showWarningMessage(
      notice(
        vscode.l10n.t(
          'You signed in as {0} again, who was signed in already. To add another account, enter its name on the login page.',
          account.label,
        ),
      ),
    );
  }
  return session;
}
