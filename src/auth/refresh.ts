import type { TokenEndpointResponse } from 'openid-client';
import { discover } from './discovery.ts';
import { lifetimeOf } from './grant.ts';
import { tenantError } from './tenantError.ts';
import type { Tenant } from './tenant.ts';

/** What the tenant gave for a refresh token (RFC 6749 section 5.1). */
export interface RefreshedTokens {
  readonly accessToken: string;
  /** The next refresh token, where the tenant rotates them. */
  readonly refreshToken?: string;
  readonly expiresInSeconds: number;
  /** What the tenant says of the token's scopes; absent where it says nothing, so that they are those asked for. */
  readonly scopes?: readonly string[];
}

/**
 * Spends a refresh token (RFC 6749 section 6).
 * @param scopes what the access token is for, where that is not all that was granted
 * @throws AuthError `login_required` where the tenant refuses it; `access_denied` where it
 * refuses the person, for now perhaps; `tenant_unreachable`, `server_error` or
 * `invalid_response` where trying later may help.
 */
export async function refresh(
  tenant: Tenant,
  refreshToken: string,
  scopes?: readonly string[],
): Promise<RefreshedTokens> {
  try {
    const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
    const tokens = await client.refreshTokenGrant(configuration, refreshToken, {
      audience: tenant.audience,
      ...(scopes && { scope: scopes.join(' ') }),
    });
    const said = await scopesIn(tokens);
    return {
      accessToken: tokens.access_token,
      ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
      expiresInSeconds: lifetimeOf(tokens),
      ...(said && { scopes: said }),
    };
  } catch (error) {
    throw tenantError(error, tenant, { secrets: [refreshToken], isRenewal: true });
  }
}

/** By the answer (RFC 6749 section 5.1), or by the token itself where it is a JWT (RFC 9068 section 2.2.3). */
async function scopesIn({ access_token, scope }: TokenEndpointResponse): Promise<string[] | undefined> {
  const { decodeJwt } = await import('jose');
  let claimed: unknown;
  try {
    claimed = decodeJwt(access_token)['scope'];
  } catch {
    // It is for the API alone to read.
  }
  const said = [scope, claimed].filter(text => typeof text === 'string');
  return said.length > 0 ? [...new Set(said.flatMap(text => text.split(' ')))] : undefined;
}
