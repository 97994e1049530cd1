import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { placeOf } from './address.ts';
import { AuthError } from './authError.ts';
import { issuerOf, type Tenant } from './tenant.ts';
import { thirdPartyDemand } from './tenantDemand.ts';
import { settingName } from '../common/settingName.ts';

/** How many errors, within one another, are looked at. */
const mostErrors = 8;

/**
 * What is wrong with an answer of the tenant, where openid-client's error holds that: it comes from another issuer than
 * the configured one, or it does not say who signed in. Of what the error holds, tokens among it, nothing else is read.
 */
export function wrongAnswer(error: unknown, tenant: Tenant): AuthError | undefined {
  for (const details of detailsOf(error)) {
    const issuer = issuerIn(details);
    if (issuer !== undefined && issuer !== issuerOf(tenant)) return fromElsewhere(issuer, tenant);
    if (isWithoutIdToken(details['body'])) {
      const { code, message } = thirdPartyDemand(tenant);
      return new AuthError(code, message);
    }
  }
  return undefined;
}

/** An issuer as it may be shown: as it is only where it is an address of the web. */
export function issuerShown(issuer: unknown): string {
  const url = typeof issuer === 'string' ? URL.parse(issuer) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isWeb && url && !url.username && !url.password ? plainLine(url.href) : placeOf(issuer);
}

function fromElsewhere(issuer: unknown, tenant: Tenant): AuthError {
  return new AuthError(
    'invalid_response',
    l10n.t(
      '{0} is the configured domain, but the answer says that it comes from {1}. Set {2} to the domain where you mean to sign in; of a tenant with a custom domain, to that one.',
      issuerOf(tenant),
      issuerShown(issuer),
      settingName('domain'),
    ),
  );
}

/** The `iss` of an ID token (OpenID Connect Core section 3.1.3.7), or of a callback (RFC 9207). */
function issuerIn({ claim, claims, parameters }: Record<string, unknown>): unknown {
  if (claim === 'iss') return (claims as { iss?: unknown } | undefined)?.iss ?? '';
  return parameters instanceof URLSearchParams && parameters.has('iss') ? parameters.get('iss') : undefined;
}

function isWithoutIdToken(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'access_token' in body && !('id_token' in body);
}

function detailsOf(error: unknown): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  let next: unknown = error;
  for (let depth = 0; depth < mostErrors && next instanceof Error; depth++) next = next.cause;
  if (typeof next === 'object' && next !== null && !(next instanceof Error)) {
    found.push(next as Record<string, unknown>);
  }
  return found;
}
