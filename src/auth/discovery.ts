import type { Configuration } from 'openid-client';
import { tenantError } from './tenantError.ts';
import { isLoopbackHost, issuerOf, type Tenant } from './tenant.ts';

/** How long (s) one answer of the tenant may take. */
const timeout = 10;
/** Skew (s) between this machine's clock and the tenant's that an id_token's check forgives. */
const skew = 300;

const known = new Map<string, Promise<Configuration>>();

/**
 * The tenant's endpoints and keys (OpenID Connect Discovery 1.0) with us as public client, fetched once a
 * process; a failure is not remembered.
 * @throws AuthError `tenant_unreachable` or `invalid_response`
 */
export async function discover(tenant: Tenant): Promise<Configuration> {
  const key = JSON.stringify([issuerOf(tenant), tenant.clientId]);
  let found = known.get(key);
  if (!found) {
    found = fetchConfiguration(tenant);
    known.set(key, found);
    found.catch(() => known.delete(key));
  }
  return found;
}

async function fetchConfiguration(tenant: Tenant): Promise<Configuration> {
  const client = await import('openid-client');
  const issuer = new URL(issuerOf(tenant));
  try {
    const configuration = await client.discovery(
      issuer,
      tenant.clientId,
      { [client.clockTolerance]: skew },
      client.None(),
      { timeout, execute: isLoopbackHost(issuer.hostname) ? [client.allowInsecureRequests] : [] },
    );
    configuration.timeout = timeout;
    return configuration;
  } catch (error) {
    throw tenantError(error, tenant);
  }
}
