import * as l10n from '@vscode/l10n';
import { AuthError } from '../../auth/authError.ts';
import { plainLine } from '../../common/plainText.ts';
import { createVerifier } from '../../auth/verify.ts';
import { announce } from '../announce.ts';
import { terminalAuthenticator } from '../authenticator.ts';
import { noticesOf, readEnvironment } from '../environment.ts';
import { stderrLog } from '../log.ts';
import { verifyEnvironmentToken } from '../environmentToken.ts';
import { findSessions } from '../sessions.ts';
import { print } from './output.ts';

/** `omnispindle whoami`: every signed-in account, the one in use first. @throws AuthError where there is none */
export async function whoami(options: {
  account?: string;
  organization?: string;
  envFile?: string;
  json?: boolean;
}): Promise<void> {
  const environment = await readEnvironment({ envFile: options.envFile, organization: options.organization });
  announce(noticesOf(environment));
  if (environment.environmentToken) {
    const { sub, email, name } = await verifyEnvironmentToken(
      environment.environmentToken,
      createVerifier(environment.tenant),
    );
    const label = email ?? name ?? plainLine(sub);
    print(
      options.json,
      { accounts: [{ id: sub, label, name, email }] },
      l10n.t('{0}, by the AUTH0_TOKEN from {1}', label, environment.environmentToken.origin),
    );
    return;
  }
  const authenticator = await terminalAuthenticator({ ...environment, log: stderrLog() });
  const sessions = findSessions(await authenticator.list(), options.account ?? environment.account);
  const accounts = sessions.map(({ account, audiences = [] }) => ({
    ...account,
    ...(audiences.length > 0 && { audiences: audiences.map(({ audience }) => audience) }),
  }));
  if (accounts.length === 0) {
    throw new AuthError('login_required', l10n.t('Nobody is signed in. Sign in with: omnispindle login'));
  }
  const words = accounts.map(({ label, name, id, organization, audiences }) => {
    const group = organization?.name ?? organization?.id;
    const who = `${label} (${[name, plainLine(id), group && plainLine(group)].filter(Boolean).join(', ')})`;
    return audiences
      ? l10n.t('{0}, also for the APIs {1}', who, audiences.map(api => plainLine(api)).join(', '))
      : who;
  });
  print(options.json, { accounts }, words.join('\n'));
}
