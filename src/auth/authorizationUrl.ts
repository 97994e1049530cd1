import type { Configuration } from 'openid-client';
import * as l10n from '@vscode/l10n';
import { AuthError } from './authError.ts';
import type { AuthorizationOptions } from './authorizationRequest.ts';
import { requireOwnAddress } from './discovery.ts';
import type { LoginHints } from './flows/flow.ts';
import { refusalOf, tenantError } from './tenantError.ts';
import type { Tenant } from './tenant.ts';

/**
 * Where the person's browser goes: with the request pushed to the tenant before (RFC 9126), where its discovery document
 * demands that, else with the request in the address.
 * @param proof what ties the callback to this request
 * @throws OmnispindleError where the tenant refuses the pushed request
 */
export async function authorizationUrl(
  configuration: Configuration,
  tenant: Tenant,
  { redirectUri, scopes, hints, isSilent = false }: AuthorizationOptions,
  proof: Readonly<
    Record<'audience' | 'code_challenge' | 'code_challenge_method' | 'state' | 'nonce', string>
  >,
): Promise<string> {
  const client = await import('openid-client');
  const parameters = {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    ...proof,
    ...(isSilent ? { ...organizationOf(hints), prompt: 'none' } : parametersOf(hints)),
  };
  const { require_pushed_authorization_requests: mustPush, pushed_authorization_request_endpoint: endpoint } =
    configuration.serverMetadata();
  // Where it is only offered, it is for clients with a secret, as Auth0's are.
  if (mustPush !== true) return client.buildAuthorizationUrl(configuration, parameters).href;
  requireOwnAddress(endpoint, 'pushed_authorization_request_endpoint', tenant);
  try {
    return (await client.buildAuthorizationUrlWithPAR(configuration, parameters)).href;
  } catch (error) {
    if (/redirect_uri|callback url/i.test(refusalOf(error)?.description ?? '')) {
      throw callbackMismatch(tenant, redirectUri);
    }
    const { state, nonce, code_challenge: challenge } = proof;
    throw tenantError(error, tenant, { secrets: [state, nonce, challenge, hints.invitation ?? ''], hints });
  }
}

/** The error of a tenant at which the callback's address is not registered. */
export function callbackMismatch({ domain }: Tenant, redirectUri: string): AuthError {
  return new AuthError(
    'callback_mismatch',
    l10n.t(
      '{0} does not allow the callback {1}. Add it to the application’s Allowed Callback URLs.',
      domain,
      redirectUri,
    ),
  );
}

/** Auth0's names of what is wished for the login page. */
function parametersOf(hints: LoginHints): Record<string, string> {
  const { signup, connection, loginHint, prompt, invitation, organizationName, acrValues, maxAge } = hints;
  return {
    ...(signup && { screen_hint: 'signup' }),
    ...(connection && { connection }),
    ...(loginHint && { login_hint: loginHint }),
    ...(prompt && { prompt }),
    ...organizationOf(hints),
    ...(invitation && { invitation }),
    ...(organizationName && { organization_name: organizationName }),
    ...(acrValues && { acr_values: acrValues }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  };
}

function organizationOf({ organization }: LoginHints): Record<string, string> {
  return organization ? { organization } : {};
}
