import * as l10n from '@vscode/l10n';
import { beginAuthorization } from './authorizationRequest.ts';
import { AuthError } from './errors.ts';
import { defaultScopes, type Tenant } from './tenant.ts';
import { tenantError } from './tenantError.ts';

/** How long (ms) the tenant may take to say what it thinks of a redirect URI. */
const answerLimit = 10_000;

/**
 * Rejects where the tenant refuses the redirect URI, else never settles: Auth0 says so to the browser only,
 * and nothing ever comes back from there.
 * @throws AuthError `callback_mismatch`
 */
export async function refusalOfCallback(
  tenant: Tenant,
  redirectUri: string,
  signal: AbortSignal,
): Promise<never> {
  // What else is wrong with the tenant shows in the sign-in itself.
  if (await isCallbackRefused(tenant, redirectUri, signal).catch(() => false)) {
    throw new AuthError(
      'callback_mismatch',
      l10n.t(
        '{0} does not allow the callback {1}. Add it to the application’s Allowed Callback URLs.',
        tenant.domain,
        redirectUri,
      ),
    );
  }
  return new Promise<never>(() => undefined);
}

/**
 * Whether the tenant answers a sign-in that would come back to that address with an error page. Asked with
 * `prompt=none` (OpenID Connect Core section 3.1.2.1) it shows no login page, and redirects at once where it
 * knows the address.
 * @throws AuthError where the tenant cannot be reached, or refuses the sign-in for another reason
 */
export async function isCallbackRefused(
  tenant: Tenant,
  redirectUri: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const request = await beginAuthorization(tenant, { redirectUri, scopes: defaultScopes, hints: {} });
  const url = new URL(request.url);
  url.searchParams.set('prompt', 'none');
  const limit = AbortSignal.timeout(answerLimit);
  const response = await fetch(url, {
    redirect: 'manual',
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  });
  if (response.status >= 400 && response.status < 500) {
    const page = await response.text();
    if (/callback url mismatch|redirect_uri/i.test(page)) return true;
    const isClient = /unknown client|(?:invalid|unauthorized)_client/i.test(page);
    throw tenantError({ error: isClient ? 'invalid_client' : `status ${String(response.status)}` }, tenant);
  }
  await response.body?.cancel();
  const answer = URL.parse(response.headers.get('location') ?? '', url)?.searchParams;
  const error = answer?.get('error');
  // That somebody must log in first is the good answer.
  if (error && !/^(?:login|consent|interaction)_required$/.test(error))
    throw tenantError({ error, error_description: answer?.get('error_description') }, tenant);
  return false;
}
