import type { Authenticator } from '../sessions/authenticator.ts';
import type { Session } from '../sessions/session.ts';
import { accountRequest, editorAccount, type EditorAccount } from './accountId.ts';
import { askForAudience } from './askForAudience.ts';
import type { AudienceConsents } from './audienceConsents.ts';
import { asRightPerson, signInAsAnother } from './interactiveSignIn.ts';
import type { ScopeList } from './scopeList.ts';

/**
 * Builds what signs in for a list of scopes: as the account that is named, else as somebody who is not signed in yet.
 * @returns what carries it out; it throws OmnispindleError, `access_denied` where the person does not allow the API
 */
export function createEditorSignIn(authenticator: Authenticator, consents: AudienceConsents) {
  return async function signIn(wanted: ScopeList, account?: EditorAccount): Promise<Session> {
    const { audience, scopes } = wanted;
    if (audience !== undefined) return forAudience({ audience, scopes }, account);
    if (!account) return signInAsAnother(authenticator, { scopes });
    return asRightPerson(await accountRequest(authenticator, account), request =>
      authenticator.signIn({ ...request, scopes }),
    );
  };

  /** The person agrees to the API first; whoever is signed in then need not type anything. */
  async function forAudience(wanted: Required<ScopeList>, account?: EditorAccount): Promise<Session> {
    const { audience, scopes } = wanted;
    const covers = ({ id }: Pick<EditorAccount, 'id'>) => consents.covers({ account: id, audience, scopes });
    const known = account
      ? [account]
      : (await authenticator.list()).map(session => editorAccount(session.account));
    const agreed = account && covers(account) ? account : undefined;
    const label =
      agreed?.label ??
      (await askForAudience({ ...wanted, labels: known.map(each => each.label), isOpen: !account }));
    const chosen = known.find(each => each.label === label);
    if (!chosen) {
      const another = editorAccount((await signInAsAnother(authenticator)).account);
      // Where nobody was signed in, they have said yes already.
      return known.length > 0 ? forAudience(wanted, another) : tokenFor(wanted, another);
    }
    return tokenFor(wanted, chosen);
  }

  async function tokenFor(wanted: Required<ScopeList>, account: EditorAccount): Promise<Session> {
    const session = await asRightPerson(await accountRequest(authenticator, account), request =>
      authenticator.ensure({ ...request, ...wanted }),
    );
    await consents.add({ account: account.id, ...wanted });
    return session;
  }
}
