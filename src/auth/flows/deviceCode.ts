import type { DeviceAuthorizationResponse } from 'openid-client';
import { pollForTokens } from '../devicePolling.ts';
import { requireOwnAddress } from '../discovery.ts';
import { toGrant } from '../grant.ts';
import { requestDeviceCode } from '../deviceCodeRequest.ts';
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
      const { configuration, device } = await requestDeviceCode({ tenant, audience, scopes });
      await ui.showDeviceCode(toShow(device, tenant), signal);
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
