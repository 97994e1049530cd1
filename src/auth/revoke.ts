import { discover } from './discovery.ts';
import { tenantError } from './tenantError.ts';
import type { Tenant } from './tenant.ts';

/** Revokes a refresh token, and with it its session at the tenant (RFC 7009). @throws AuthError */
export async function revoke(tenant: Tenant, refreshToken: string): Promise<void> {
  try {
    const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
    await client.tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' });
  } catch (error) {
    throw tenantError(error, tenant);
  }
}
