import type { AuthenticationSessionAccountInformation } from 'vscode';
import type { Authenticator, SessionRequest } from '../sessions/authenticator.ts';
import type { Account } from '../sessions/session.ts';

/** An account as the editor knows it. */
export type EditorAccount = AuthenticationSessionAccountInformation;

/**
 * An account as the editor knows it: who is signed in to an organization, too, has another id there. The editor keeps
 * consent and preferences by the label.
 */
export function editorAccount({ id, label, organization }: Account): EditorAccount {
  return { id: organization ? `${id} ${organization.id}` : id, label };
}

/** How the authenticator is asked for an account, and who the login page is to expect. */
export type AccountRequest = Pick<SessionRequest, 'account' | 'organization' | 'hints'>;

/**
 * How the authenticator is asked for an account of the editor's. One that is signed in is named by its label: nobody else
 * has that, while a person may be signed in to several organizations.
 */
export async function accountRequest(
  { list }: Pick<Authenticator, 'list'>,
  { id, label }: Pick<EditorAccount, 'id'> & Partial<EditorAccount>,
): Promise<AccountRequest> {
  const session = (await list()).find(({ account }) => editorAccount(account).id === id);
  if (session) return namedRequest(session.account);
  const [, account = id, organization] = /^(.*) (org_\S+)$/.exec(id) ?? [];
  // A label begins with the e-mail address, where the account has one.
  const loginHint = /^\S+@\S+/.exec(label ?? '')?.[0];
  return {
    account,
    ...(organization !== undefined && { organization }),
    ...(loginHint !== undefined && { hints: { loginHint } }),
  };
}

/** How the authenticator is asked for an account that is signed in. */
export function namedRequest({ label, organization }: Account): AccountRequest {
  return { account: label, ...(organization && { organization: organization.id }) };
}
