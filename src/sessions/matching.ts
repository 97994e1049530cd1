import { extraScopes } from './accessTokens.ts';
import { otherAudience, type Purpose } from './audiences.ts';
import type { Session } from './session.ts';

/** Whether the session is that account's, by `sub`, e-mail address or label. */
export function isAccount(session: Pick<Session, 'account'>, account: string): boolean {
  const { id, label, email } = session.account;
  const wanted = account.toLowerCase();
  return id === account || label.toLowerCase() === wanted || email?.toLowerCase() === wanted;
}

/**
 * Whether the session is that account's, any where absent, and the person was asked for those scopes. For another API
 * than the default one any session of the account will do: it may need a pass through the browser.
 */
export function answers(
  session: Session,
  { account, ...purpose }: Purpose & { readonly account?: string },
): boolean {
  return (
    (account === undefined || isAccount(session, account)) &&
    (otherAudience(session.tenant, purpose.audience) !== undefined ||
      extraScopes(purpose.scopes).every(scope => session.scopes.includes(scope)))
  );
}
