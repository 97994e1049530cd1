import type { OmnispindleError } from '../common/errors.ts';
import { requestDeviceCode } from './deviceCodeRequest.ts';
import { deviceCodeGrant } from './devicePolling.ts';
import { discover } from './discovery.ts';
import { defaultScopes, type Tenant } from './tenant.ts';
import { refusalOf, tenantError } from './tenantError.ts';

/** What an unused code is answered with (RFC 8628 section 3.5). */
const notYet = /^(?:authorization_pending|slow_down)$/;
/** A tenant that knows the client, and gives it no codes. */
const noCodes = /^(?:flow_unavailable|unauthorized_client)$/;

/**
 * Checks whether the tenant gives codes to enter in another browser, and would exchange one: it is asked for one, and
 * once for its tokens. That shows what it demands at the token endpoint before anybody signs in. The code is thrown
 * away; where there is none, the tokens of one that was never given are asked for.
 * @returns why it gives the client no codes, where it gives none: the other flows may still work
 * @throws OmnispindleError that says what else the tenant has against it, or why it cannot be asked
 */
export async function checkDeviceCode(tenant: Tenant): Promise<OmnispindleError | undefined> {
  let secret: string | undefined;
  try {
    const client = await import('openid-client');
    const { configuration, device } = await requestDeviceCode({ tenant, scopes: defaultScopes });
    secret = device.device_code;
    await client.genericGrantRequest(configuration, deviceCodeGrant, { device_code: secret });
  } catch (error) {
    const refused = refusalOf(error)?.error ?? '';
    if (notYet.test(refused)) return undefined;
    const said = tenantError(error, tenant, { secrets: secret === undefined ? [] : [secret] });
    if (secret !== undefined || !(noCodes.test(refused) || noCodes.test(said.code))) throw said;
    await requireNoKey(tenant);
    return said;
  }
  return undefined;
}

/** @throws OmnispindleError where the tenant binds tokens to a key, which it says before it looks at what is exchanged */
async function requireNoKey(tenant: Tenant): Promise<void> {
  const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
  try {
    await client.genericGrantRequest(configuration, 'authorization_code', {
      code: client.randomState(),
      code_verifier: client.randomPKCECodeVerifier(),
      redirect_uri: 'http://localhost/',
    });
  } catch (error) {
    const { error: name = '', description = '' } = refusalOf(error) ?? {};
    if (/dpop/i.test(`${name} ${description}`)) throw tenantError(error, tenant);
  }
}
