import type { DeviceAuthorizationResponse } from 'openid-client';
import * as l10n from '@vscode/l10n';
import { pollForTokens } from '../devicePolling.ts';
import { discover, requireOwnAddress } from '../discovery.ts';
import { AuthError } from '../authError.ts';
import { toGrant } from '../grant.ts';
import { requireRightPerson } from '../rightPerson.ts';
import type { Tenant } from '../tenant.ts';
import { plainLine } from '../../common/plainText.ts';
import { tenantError } from '../tenantError.ts';
import type { DeviceCode, Flow } from './flow.ts';

/**
 * Sign-in with a code the person enters in any browser (RFC 8628); it works wherever the tenant can be
 * reached.
 */
export const deviceCodeFlow: Flow = {
  name: 'deviceCode',
  async run({ tenant, audience, scopes, hints, expected, ui, log, signal }) {
    try {
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
      const device = await client.initiateDeviceAuthorization(configuration, {
        scope: scopes.join(' '),
        audience,
      });
      await ui.showDeviceCode(toShow(device, tenant));
      const tokens = await pollForTokens({ configuration, device, tenant, audience, log, signal });
      const grant = await toGrant(configuration, tenant, tokens, audience);
      await requireRightPerson(grant, tenant, { hints, expected });
      return grant;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw tenantError(error, tenant, { audience });
    }
  },
};

/** What the person sees of the tenant's answer, which is to lead them to the tenant and nowhere else. */
function toShow(device: DeviceAuthorizationResponse, tenant: Tenant): DeviceCode {
  const { user_code: code, verification_uri: uri, verification_uri_complete: complete } = device;
  return {
    userCode: plainLine(code, 64),
    verificationUri: requireOwnAddress(uri, 'verification_uri', tenant),
    ...(complete !== undefined && {
      verificationUriComplete: requireOwnAddress(complete, 'verification_uri_complete', tenant),
    }),
    expiresAt: Date.now() + device.expires_in * 1000,
  };
}
