import * as l10n from '@vscode/l10n';
import { OmnispindleError } from '../common/errors.ts';
import { longestOrganization } from './organization.ts';
import { settingName } from '../common/settingName.ts';

/** Where people sign in and for which API: an Auth0 domain, a public native client and an API identifier. */
export interface Tenant {
  /** Host name of the tenant, or `http://` and a loopback host with port for a tenant on this machine. */
  readonly domain: string;
  readonly clientId: string;
  readonly audience: string;
  /** The organization that people sign in to, by its id (`org_…`) or its name; none in particular where absent. */
  readonly organization?: string | undefined;
}

/** Omnispindle's own public identifiers; none of them is a secret. */
export const defaultTenant: Tenant = {
  domain: 'dev-eoi0koiaujjbib20.us.auth0.com',
  clientId: 'U43kJwbd1xPcCzJsu3kZIIeNV1ygS7x1',
  audience: 'https://madnessinteractive.cc/api',
};

/** Scopes every sign-in asks for: who the person is, and a refresh token (OpenID Connect Core, sections 5.4 and 11). */
export const defaultScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/**
 * Whether a host name can only mean this machine (RFC 6761 section 6.3, RFC 8252 section 8.3).
 * Names below `.localhost` do not count: not every system keeps them from the name service. IPv6 addresses
 * may carry their brackets.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(name);
}

/**
 * The tenant's issuer with Auth0's trailing slash, e.g. `https://example.eu.auth0.com/`.
 * @throws OmnispindleError `invalid_settings` where the domain is not a host, or is plain http beyond loopback.
 * @example issuerOf({ domain: 'example.eu.auth0.com' }) // 'https://example.eu.auth0.com/'
 */
export function issuerOf(tenant: Pick<Tenant, 'domain'>): string {
  const text = /^https?:\/\//i.test(tenant.domain) ? tenant.domain : `https://${tenant.domain}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || url.pathname !== '/' || url.search || url.hash || url.username || url.password) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'The Auth0 domain "{0}" is not a host name. Set {1} to something like "example.eu.auth0.com".',
        tenant.domain,
        settingName('domain'),
      ),
    );
  }
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new OmnispindleError(
      'invalid_settings',
      l10n.t(
        'The Auth0 domain "{0}" uses http, which is allowed only for this machine. Remove "http://" from {1}.',
        tenant.domain,
        settingName('domain'),
      ),
    );
  }
  return url.href;
}

/**
 * Checks settings from any outside source and fills what is absent or empty with {@link defaultTenant}.
 * @throws OmnispindleError `invalid_settings`, naming the field.
 * @example parseTenant({ audience: 'https://api.example.com' }).domain // 'dev-eoi0koiaujjbib20.us.auth0.com'
 */
export function parseTenant(input: { readonly [K in keyof Tenant]?: unknown }): Tenant {
  const organization = textOf('organization', input.organization);
  const tenant = {
    domain: textOf('domain', input.domain) ?? defaultTenant.domain,
    clientId: textOf('clientId', input.clientId) ?? defaultTenant.clientId,
    audience: textOf('audience', input.audience) ?? defaultTenant.audience,
    ...(organization !== undefined && { organization }),
  };
  issuerOf(tenant);
  return tenant;
}

/**
 * The text of a setting, undefined where it has none. By hand: an editor starts without a library of schemas.
 * @throws OmnispindleError `invalid_settings` where it is something else
 */
function textOf(field: keyof Tenant, value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'string' ? value.trim() : '';
  const longest = field === 'organization' ? longestOrganization : Infinity;
  if (text !== '' && text.length <= longest) return text;
  throw field === 'organization' ? invalidOrganization() : invalidText(field);
}

function invalidText(field: keyof Tenant): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'The setting {0} must be a text that is not empty. Correct it, or remove it to use the default.',
      settingName(field),
    ),
  );
}

function invalidOrganization(): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'The organization ({1}) must be an id (org_…) or a name of at most {0} characters. Correct it, or remove it to sign in to none in particular.',
      String(longestOrganization),
      settingName('organization'),
    ),
  );
}

/** Whether two tenants issue the same tokens for the same API to the same client. */
export function isSameTenant(a: Tenant, b: Tenant): boolean {
  return issuerOf(a) === issuerOf(b) && a.clientId === b.clientId && a.audience === b.audience;
}
