import * as l10n from '@vscode/l10n';
import { isSameTenant } from '../../../auth/tenant.ts';
import { noLog } from '../../../common/log.ts';
import { plainLine } from '../../../common/plainText.ts';
import type { Session } from '../../../sessions/session.ts';
import type { Environment } from '../../environment.ts';
import { openSessionStore } from '../../sessionStore.ts';
import type { Finding } from './finding.ts';

/**
 * For which APIs besides the default one the accounts have tokens, and whether one sign-in is enough for that: a line for
 * each account. It goes by what the sessions remember: asking the tenant would use a refresh token up.
 */
export async function apis({ tenant }: Environment): Promise<Finding[]> {
  const stored = await storedSessions();
  return stored
    .filter(session => isSameTenant(session.tenant, tenant) && (session.audiences ?? []).length > 0)
    .map(({ account, audiences = [] }) => {
      const named = (isPassed: boolean) =>
        audiences
          .filter(
            ({ needsPass, refreshToken }) =>
              ((needsPass ?? false) || refreshToken !== undefined) === isPassed,
          )
          .map(({ audience }) => plainLine(audience))
          .join(', ');
      // What came of a pass of its own has a refresh token of its own.
      const [shared, apart] = [named(false), named(true)];
      const parts = [
        shared && l10n.t('one sign-in gives {0} tokens for {1}.', account.label, shared),
        apart &&
          l10n.t(
            'For {0} {1} had to go through the browser once more, because the tenant’s refresh tokens are not good for it. To need that no more, add that API at the tenant: Applications, the application, Multi-Resource Refresh Token.',
            apart,
            account.label,
          ),
      ];
      return {
        check: l10n.t('APIs'),
        ok: true,
        ...(apart && { warning: true }),
        message: parts.filter(Boolean).join(' '),
      };
    });
}

/** Why they cannot be read is said by another line. */
async function storedSessions(): Promise<readonly Session[]> {
  try {
    return await (await openSessionStore(noLog)).list();
  } catch {
    return [];
  }
}
