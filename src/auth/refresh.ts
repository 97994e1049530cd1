import { discover } from './discovery.ts';
import { lifetimeOf } from './grant.ts';
import { tenantError } from './tenantError.ts';
import type { Tenant } from './tenant.ts';

export interface RefreshedTokens {
  readonly accessToken: string;
  /** The next refresh token, where the tenant rotates them. */
  readonly refreshToken?: string;
  readonly expiresInSeconds: number;
}

/**
 * Spends a refresh token (RFC 6749 section 6).
 * @throws AuthError `login_required` where the tenant refuses it; `tenant_unreachable`, `server_error` or
 * `invalid_response` where trying later may help.
 */
export async function refresh(tenant: Tenant, refreshToken: string): Promise<RefreshedTokens> {
  try {
    const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
    const tokens = await client.refreshTokenGrant(configuration, refreshToken, { audience: tenant.audience });
    return {
      accessToken: tokens.access_token,
      ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
      expiresInSeconds: lifetimeOf(tokens),
    };
  } catch (error) {
    throw tenantError(error, tenant);
  }
}
