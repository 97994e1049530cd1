import { discover, requireOwnAddress } from './discovery.ts';
import { issuerOf, type Tenant } from './tenant.ts';

/**
 * The address at which the browser's session at the tenant ends: that of discovery (OpenID Connect RP-Initiated Logout 1.0),
 * with the session's id as a hint, so that the person is not asked; else Auth0's own. No ID token is in it.
 * @param sid the browser's session, as the ID token of the sign-in named it
 * @throws OmnispindleError where the tenant cannot be asked, or names an address elsewhere
 * @example
 * import { browserLogout } from './browserLogout.ts';
 * import { defaultTenant } from './tenant.ts';
 *
 * const url: string = await browserLogout(defaultTenant);
 */
export async function browserLogout(tenant: Tenant, sid?: string): Promise<string> {
  const { end_session_endpoint: endpoint } = (await discover(tenant)).serverMetadata();
  const url = new URL(
    endpoint === undefined
      ? `${issuerOf(tenant)}v2/logout`
      : requireOwnAddress(endpoint, 'end_session_endpoint', tenant),
  );
  url.searchParams.set('client_id', tenant.clientId);
  if (endpoint !== undefined && sid !== undefined) url.searchParams.set('logout_hint', sid);
  return url.href;
}
