import * as l10n from '@vscode/l10n';
import { sessionsNamed } from '../sessions/matching.ts';
import { AuthError } from '../auth/authError.ts';
import type { Session } from '../sessions/session.ts';

/**
 * The sessions of one account, or all.
 * @throws AuthError `account_not_found`, naming those there are, where that account has none
 */
export function findSessions(sessions: readonly Session[], account: string | undefined): readonly Session[] {
  if (account === undefined) return sessions;
  const found = sessionsNamed(sessions, account);
  if (found.length > 0) return found;
  const others = sessions.map(session => session.account.label).join(', ');
  throw new AuthError(
    'account_not_found',
    others
      ? l10n.t(
          'The account {0} is not signed in; signed in are: {1}. Choose one of them by --account or OMNISPINDLE_ACCOUNT, or sign in with: omnispindle login --account {0}',
          account,
          others,
        )
      : l10n.t(
          'The account {0} is not signed in; nobody is. Sign in with: omnispindle login --account {0}',
          account,
        ),
  );
}
