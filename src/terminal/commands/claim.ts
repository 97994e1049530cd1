import * as l10n from '@vscode/l10n';
import { userDirectory } from '../../platform/paths.ts';
import { issuerOf } from '../../auth/tenant.ts';
import { claimRows, givenRows } from '../../store/directoryStore.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { confirm } from '../confirm.ts';
import { noticesOf, readEnvironment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { findSessions } from '../sessions.ts';
import { print } from './output.ts';

/**
 * `omnispindle claim`: gives a signed-in person what they wrote before tenants were told apart, where it was
 * given to the default tenant. It asks first: only they know that it is theirs.
 * @throws AuthError `account_not_found` where nobody, or not that account, is signed in @throws StoreError
 */
export async function claim(options: {
  account?: string;
  organization?: string;
  envFile?: string;
  json?: boolean;
}): Promise<void> {
  const environment = await readEnvironment({ envFile: options.envFile, organization: options.organization });
  announce(noticesOf(environment));
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  const issuer = issuerOf(environment.tenant);
  const directory = userDirectory();
  const sessions = findSessions(await authenticator.list(), options.account ?? environment.account);
  const subs = new Set(sessions.map(({ account }) => account.id));
  const claimed: string[] = [];
  for (const rows of givenRows(directory).filter(given => subs.has(given.sub))) {
    if (rows.issuer === issuer) continue;
    const question = l10n.t(
      '{0} todos and {1} lessons of {2} are with {3} now. Are they yours, and should they move to {4}?',
      String(rows.todos),
      String(rows.lessons),
      rows.sub,
      rows.issuer,
      issuer,
    );
    if (!(await confirm(question))) continue;
    claimRows(directory, { issuer, sub: rows.sub });
    claimed.push(rows.sub);
  }
  print(
    options.json,
    { claimed, issuer },
    claimed.length > 0
      ? l10n.t('Moved to {0}: what {1} had.', issuer, claimed.join(', '))
      : l10n.t('Nothing was moved. Whose todos wait for their owner: omnispindle doctor'),
  );
}
