import { beginAuthorization } from './authorizationRequest.ts';
import { callbackMismatch } from './authorizationUrl.ts';
import type { OmnispindleError } from '../common/errors.ts';
import { defaultScopes, issuerOf, type Tenant } from './tenant.ts';
import { tenantError } from './tenantError.ts';
import { tenantFetch } from './tenantFetch.ts';
import { unlessAborted } from '../common/unlessAborted.ts';

/** How long (ms) the tenant may take to say what it thinks of a sign-in. */
const answerLimit = 10_000;

/**
 * What a sign-in grants, unless the tenant refuses the redirect URI or the client: Auth0 says so to the browser
 * only, and nothing ever comes back from there.
 * @throws OmnispindleError `callback_mismatch` or `invalid_settings`; the signal's reason; what the sign-in throws
 */
export function unlessRefused<T>(
  granted: Promise<T>,
  tenant: Tenant,
  redirectUri: string,
  signal: AbortSignal,
): Promise<T> {
  return unlessAborted(Promise.race([granted, refusal(tenant, redirectUri, signal)]), signal);
}

/** Rejects where the tenant refuses, else never settles. */
async function refusal(tenant: Tenant, redirectUri: string, signal: AbortSignal): Promise<never> {
  const page = await askSilently(tenant, redirectUri, signal)
    .then(answer => errorPage(answer, tenant, redirectUri))
    .catch(() => undefined);
  // What else is wrong with the tenant shows in the sign-in itself.
  if (page && page.code !== 'server_error') throw page;
  return new Promise<never>(() => undefined);
}

/**
 * Checks that the tenant would let the client sign in and come back to that address.
 * @throws OmnispindleError that says what it has against it, or why it cannot be asked
 */
export async function checkCallback(tenant: Tenant, redirectUri: string): Promise<void> {
  const answer = await askSilently(tenant, redirectUri);
  const error = (await errorPage(answer, tenant, redirectUri)) ?? errorAtCallback(answer, tenant);
  if (error) throw error;
}

/**
 * Begins a sign-in with `prompt=none` (OpenID Connect Core section 3.1.2.1): the tenant shows no login page,
 * and redirects at once where it knows the address.
 */
async function askSilently(tenant: Tenant, redirectUri: string, signal?: AbortSignal): Promise<Response> {
  const { organization } = tenant;
  const hints = organization === undefined ? {} : { organization };
  const { url } = await beginAuthorization(tenant, {
    redirectUri,
    scopes: defaultScopes,
    hints,
    isSilent: true,
  });
  const limit = AbortSignal.timeout(answerLimit);
  try {
    return await tenantFetch(tenant)(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (error) {
    throw tenantError(error, tenant);
  }
}

/** What the tenant tells the person in the browser, and nobody else. */
async function errorPage(
  answer: Response,
  tenant: Tenant,
  redirectUri: string,
): Promise<OmnispindleError | undefined> {
  if (answer.status < 400 || answer.status >= 500) return undefined;
  const page = await answer.text();
  if (/callback url mismatch|redirect_uri/i.test(page)) {
    return callbackMismatch(tenant, redirectUri);
  }
  const client = /unknown client|(?:invalid|unauthorized)_client/i.exec(page)?.[0].toLowerCase();
  const error = client === 'unknown client' ? 'invalid_client' : client;
  return tenantError({ error: error ?? `status ${String(answer.status)}` }, tenant);
}

/** What the tenant would say at the callback. That somebody must log in first is the good answer. */
function errorAtCallback({ headers }: Response, tenant: Tenant): OmnispindleError | undefined {
  const said = URL.parse(headers.get('location') ?? '', issuerOf(tenant))?.searchParams;
  const error = said?.get('error');
  if (!error || /^(?:login|consent|interaction)_required$/.test(error)) return undefined;
  return tenantError({ error, error_description: said?.get('error_description') }, tenant);
}
