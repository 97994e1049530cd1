import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { consentOf, type Consents } from './consents.ts';

const { Check, Prompt } = interactionPolicy;

/** The `acr_values` that asks for a second factor, as Auth0's does. */
export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor';

/** When a person is shown a page. A browser's session (the SSO cookie) passes for everything else. */
export function signInPolicy(
  { secondFactor = false }: { readonly secondFactor?: boolean },
  consents: Consents,
) {
  const policy = interactionPolicy.base();
  // The page itself asks for everything at once, as Auth0 does for first-party clients.
  policy.get('consent')?.checks.clear();
  policy.get('consent')?.checks.add(
    new Check('third_party', 'A third party needs consent', 'consent_required', ({ oidc }) => {
      const accountId = oidc.result?.login?.accountId ?? oidc.session?.accountId;
      return !oidc.result?.consent && consents.areNeeded(consentOf(oidc.params ?? {}, accountId));
    }),
  );
  policy
    .get('login')
    ?.checks.add(
      new Check(
        'other_connection',
        'The session is of another connection',
        'login_required',
        ({ oidc }) =>
          !oidc.result?.login && otherConnection(oidc.session?.accountId, text(oidc.params?.['connection'])),
      ),
    );
  if (secondFactor) {
    policy.add(
      new Prompt(
        { name: 'second-factor' },
        new Check('multi_factor', 'A second factor is asked for', 'interaction_required', needsSecondFactor),
      ),
      1,
    );
  }
  return policy;
}

function needsSecondFactor({ oidc }: KoaContextWithOIDC): boolean {
  const asked = text(oidc.params?.['acr_values'])?.split(' ') ?? [];
  return asked.includes(multiFactor) && oidc.session?.acr !== multiFactor;
}

/** Auth0 takes a session for a connection only where it was begun with that one. */
function otherConnection(sub: string | undefined, connection: string | undefined): boolean {
  if (sub === undefined || connection === undefined) return false;
  const google = connection === 'google-oauth2';
  return google !== sub.startsWith('google-oauth2|');
}

function text(parameter: unknown): string | undefined {
  return typeof parameter === 'string' ? parameter : undefined;
}
