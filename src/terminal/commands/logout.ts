import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/errors.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { readEnvironment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { findSessions } from '../sessions.ts';
import { print } from './output.ts';

/** `omnispindle logout`: ends one session, or all, here and at the tenant. @throws AuthError */
export async function logout(options: { all?: boolean; account?: string; json?: boolean }): Promise<void> {
  const environment = readEnvironment();
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  const sessions = findSessions(await authenticator.list(), options.account ?? environment.account);
  if (sessions.length > 1 && !options.all) {
    throw new AuthError(
      'invalid_settings',
      l10n.t(
        'Several accounts are signed in: {0}. Name one with --account, or sign all out with --all.',
        sessions.map(session => session.account.label).join(', '),
      ),
    );
  }
  for (const session of sessions) await authenticator.signOut(session.id);
  const labels = sessions.map(session => session.account.label);
  print(
    options.json,
    { signedOut: labels },
    labels.length > 0 ? l10n.t('Signed out: {0}.', labels.join(', ')) : l10n.t('Nobody was signed in.'),
  );
}
