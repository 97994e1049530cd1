import { isOmnispindleError } from '../common/errors.ts';
import type { Tenant } from './tenant.ts';
import { tenantError } from './tenantError.ts';

/**
 * Redeems what can be redeemed once, and where no answer came, once more: either the tenant did not get the
 * first request, or it did, and then ends the session whose tokens nobody has (RFC 6749 section 4.1.2). Nobody could
 * sign that one out.
 * @throws what the first attempt threw, where neither gives a result
 */
export async function redeemSurely<T>(tenant: Tenant, redeem: () => Promise<T>): Promise<T> {
  try {
    return await redeem();
  } catch (error) {
    if (!isOmnispindleError(tenantError(error, tenant), 'tenant_unreachable')) throw error;
    return redeem().catch(() => {
      throw error;
    });
  }
}
