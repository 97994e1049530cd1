import type { Configuration, DeviceAuthorizationResponse } from 'openid-client';
import * as l10n from '@vscode/l10n';
import { AuthError } from './authError.ts';
import { discover } from './discovery.ts';
import type { Tenant } from './tenant.ts';

/** Whom a code is asked of, and what the tokens that it stands for are to be good for. */
export interface DeviceCodeWish {
  readonly tenant: Tenant;
  /** The API; the tenant's default one where absent. */
  readonly audience?: string;
  readonly scopes: readonly string[];
}

/**
 * Asks the tenant for a code that can be entered in any browser (RFC 8628 section 3.1).
 * @throws AuthError `flow_unavailable` where the tenant has no such codes; openid-client's errors
 */
export async function requestDeviceCode({
  tenant,
  audience = tenant.audience,
  scopes,
}: DeviceCodeWish): Promise<{ configuration: Configuration; device: DeviceAuthorizationResponse }> {
  const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
  if (!configuration.serverMetadata().device_authorization_endpoint) {
    throw new AuthError(
      'flow_unavailable',
      l10n.t(
        '{0} offers no sign-in with a code. Allow the grant type "Device Code" for this client.',
        tenant.domain,
      ),
    );
  }
  const scope = scopes.join(' ');
  const device = await client.initiateDeviceAuthorization(configuration, { scope, audience });
  return { configuration, device };
}
