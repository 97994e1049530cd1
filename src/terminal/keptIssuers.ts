import type { Log } from '../common/log.ts';
import { issuerOf } from '../auth/tenant.ts';
import type { CheckedToken } from '../auth/verify.ts';
import { isEditors } from '../broker/variables.ts';
import { openSessionStore } from './sessionStore.ts';

/**
 * Says for a `sub` at which issuers this user has a session of it, whatever the tenant is now.
 * @param caller whose session counts, too, where the editor keeps it: we cannot look there. A token of the
 * person's own is no session.
 */
export async function keptIssuers(
  log: Log,
  caller?: Pick<CheckedToken, 'issuer' | 'sub'>,
): Promise<(sub: string) => readonly string[]> {
  const sessions = await (await openSessionStore(log)).list();
  const kept = sessions.flatMap(({ tenant, account }) => {
    try {
      return [{ issuer: issuerOf(tenant), sub: account.id }];
    } catch {
      // We would not go to its domain any more, so the session counts for nobody.
      return [];
    }
  });
  if (caller && isEditors()) kept.push(caller);
  return sub => [...new Set(kept.filter(owner => owner.sub === sub).map(({ issuer }) => issuer))];
}
