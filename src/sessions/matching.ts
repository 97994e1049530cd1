import { extraScopes } from './accessTokens.ts';
import type { Session } from './session.ts';

/** Whether the session is that account's, by `sub`, e-mail address or label. */
export function isAccount(session: Pick<Session, 'account'>, account: string): boolean {
  const { id, label, email } = session.account;
  const wanted = account.toLowerCase();
  return id === account || label.toLowerCase() === wanted || email?.toLowerCase() === wanted;
}

/** Whether the session is that account's, any where absent, and the person was asked for those scopes. */
export function answers(
  session: Session,
  { account, scopes }: { readonly account?: string; readonly scopes?: readonly string[] },
): boolean {
  return (
    (account === undefined || isAccount(session, account)) &&
    extraScopes(scopes).every(scope => session.scopes.includes(scope))
  );
}
