import type { Configuration, ServerMetadata } from 'openid-client';
import * as l10n from '@vscode/l10n';
import { placeOf } from './address.ts';
import { AuthError } from './authError.ts';
import { plainLine } from '../common/plainText.ts';
import { tenantError } from './tenantError.ts';
import { tenantFetch, type TenantFetch } from './tenantFetch.ts';
import { isLoopbackHost, issuerOf, type Tenant } from './tenant.ts';
import { settingName } from '../common/settingName.ts';

/** How long (s) one answer of the tenant may take. */
const answerLimit = 10;
/** Skew (s) between this machine's clock and the tenant's that an id_token's check forgives. */
const skew = 300;

/** The addresses of the discovery document that are used, and whether there is no sign-in without them. */
const addresses = {
  authorization_endpoint: true,
  token_endpoint: true,
  device_authorization_endpoint: false,
  revocation_endpoint: false,
  userinfo_endpoint: false,
  jwks_uri: false,
} as const;

const known = new Map<string, Promise<Configuration>>();

/**
 * The tenant's endpoints and keys (OpenID Connect Discovery 1.0) with us as public client, fetched once a
 * process; a failure is not remembered. Every address in it has the issuer's origin.
 * @param timeout how long (s) each answer of the tenant may take
 * @throws OmnispindleError `tenant_unreachable` or `invalid_response`
 */
export async function discover(tenant: Tenant, timeout = answerLimit): Promise<Configuration> {
  const key = JSON.stringify([issuerOf(tenant), tenant.clientId]);
  let found = known.get(key);
  if (!found) {
    found = fetchConfiguration(tenant, timeout);
    known.set(key, found);
    found.catch(() => known.delete(key));
  }
  return found;
}

async function fetchConfiguration(tenant: Tenant, timeout: number): Promise<Configuration> {
  const client = await import('openid-client');
  const issuer = new URL(issuerOf(tenant));
  try {
    const configuration = await client.discovery(
      // By its full address, for which openid-client leaves the check of the issuer to us.
      new URL('.well-known/openid-configuration', issuer),
      tenant.clientId,
      { [client.clockTolerance]: skew },
      client.None(),
      {
        timeout,
        execute: isLoopbackHost(issuer.hostname) ? [client.allowInsecureRequests] : [],
        [client.customFetch]: tenantFetch(tenant),
      },
    );
    requireOwnAddresses(configuration.serverMetadata(), tenant);
    configuration.timeout = timeout;
    return configuration;
  } catch (error) {
    throw tenantError(error, tenant);
  }
}

/** The same configuration with requests that are sent another way. */
export async function withFetch(configuration: Configuration, send: TenantFetch): Promise<Configuration> {
  const client = await import('openid-client');
  const metadata = configuration.serverMetadata();
  const { client_id: id, ...about } = configuration.clientMetadata();
  // What is not text in the client's metadata does not come out of it again.
  const known = { ...about, [client.clockTolerance]: skew };
  const own = new client.Configuration(metadata, id, known, client.None());
  if (metadata.issuer.startsWith('http:')) client.allowInsecureRequests(own);
  own.timeout = configuration.timeout;
  own[client.customFetch] = send;
  return own;
}

/**
 * Checks that the discovery document is the configured tenant's, and leads nowhere else (OpenID Connect
 * Discovery 1.0 section 4.3; RFC 9700 section 4.4 on mix-up): one that names the genuine tenant's login page
 * and a token endpoint of its own would be sent the code and the verifier.
 * @throws OmnispindleError `invalid_response`
 */
function requireOwnAddresses(metadata: ServerMetadata, tenant: Tenant): void {
  const issuer = issuerOf(tenant);
  const said = URL.parse(metadata.issuer);
  if (said?.href !== issuer) {
    throw new AuthError(
      'invalid_response',
      l10n.t(
        '{0} says that it is {1}. Set {2} to the domain where you mean to sign in.',
        issuer,
        said && /^https?:/.test(said.origin) ? plainLine(said.href) : placeOf(metadata.issuer),
        settingName('domain'),
      ),
    );
  }
  for (const [name, isRequired] of Object.entries(addresses)) {
    const address: unknown = metadata[name];
    if (address !== undefined || isRequired) requireOwnAddress(address, name, tenant);
  }
}

/**
 * Checks that an address the tenant gave has the issuer's origin, and so https, or http on loopback.
 * @param name what the tenant calls it
 * @returns the address, without any character that would need encoding
 * @throws OmnispindleError `invalid_response`
 */
export function requireOwnAddress(address: unknown, name: string, tenant: Tenant): string {
  const { origin } = new URL(issuerOf(tenant));
  const url = typeof address === 'string' ? URL.parse(address) : null;
  if (url?.origin === origin && !url.username && !url.password) return url.href;
  throw new AuthError(
    'invalid_response',
    l10n.t(
      '{0} names an address elsewhere ({1}) as its "{2}", so nothing was opened or sent there. Check {3}, and whether a proxy stands in between.',
      origin,
      placeOf(address),
      name,
      settingName('domain'),
    ),
  );
}
