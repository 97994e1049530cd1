import { beginAuthorization } from './authorizationRequest.ts';
import { callbackMismatch } from './authorizationUrl.ts';
import type { OmnispindleError } from '../common/errors.ts';
import { defaultScopes, issuerOf, type Tenant } from './tenant.ts';
import { tenantError } from './tenantError.ts';
import { tenantFetch } from './tenantFetch.ts';
import { unlessAborted } from '../common/unlessAborted.ts';

/** How long (ms) the tenant may take to say what it thinks of a sign-in. */
const answerLimit = 10_000;
/** How long (ms) the page of a sign-in waits for that; who cannot say it in this time may say it later. */
const openingLimit = 3_000;

/** A sign-in whose page is about to open. */
export interface CheckedSignIn<T> {
  readonly tenant: Tenant;
  readonly redirectUri: string;
  readonly signal: AbortSignal;
  /** Opens the page. */
  open(): Promise<unknown>;
  /** What comes of the page. */
  readonly granted: Promise<T>;
  readonly limit?: number;
}

/**
 * Opens the page of a sign-in and waits for what it grants, unless the tenant refuses the redirect URI or the client:
 * Auth0 says so to the browser only, and nothing ever comes back from there. So the tenant is asked before the page
 * opens; where it does not answer in time, the page opens all the same.
 * @throws OmnispindleError `callback_mismatch` or `invalid_settings`; the signal's reason; what the sign-in throws
 */
export async function unlessRefused<T>(signIn: CheckedSignIn<T>): Promise<T> {
  const { tenant, redirectUri, signal, open, granted, limit = openingLimit } = signIn;
  const asked = refusal(tenant, redirectUri, signal);
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
  const refused = await unlessAborted(asked, inTime).catch(() => undefined);
  signal.throwIfAborted();
  if (refused) throw refused;
  await open();
  return unlessAborted(Promise.race([granted, refusedLater(asked)]), signal);
}

/** What the tenant has against the sign-in; what else is wrong with it shows in the sign-in itself. */
async function refusal(
  tenant: Tenant,
  redirectUri: string,
  signal: AbortSignal,
): Promise<OmnispindleError | undefined> {
  try {
    const answer = await askSilently(tenant, redirectUri, signal);
    const error = await errorForPerson(answer, tenant, redirectUri);
    return error?.code === 'server_error' ? undefined : error;
  } catch {
    return undefined;
  }
}

/** Rejects where the tenant refuses, else never settles. */
async function refusedLater(asked: Promise<OmnispindleError | undefined>): Promise<never> {
  const error = await asked;
  if (error) throw error;
  return new Promise<never>(() => undefined);
}

/**
 * Checks that the tenant would let the client sign in and come back to that address.
 * @throws OmnispindleError that says what it has against it, or why it cannot be asked
 */
export async function checkCallback(tenant: Tenant, redirectUri: string): Promise<void> {
  const answer = await askSilently(tenant, redirectUri);
  const error = (await errorForPerson(answer, tenant, redirectUri)) ?? errorAtCallback(answer, tenant);
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
async function errorForPerson(
  answer: Response,
  tenant: Tenant,
  redirectUri: string,
): Promise<OmnispindleError | undefined> {
  const said = await saidToPerson(answer, tenant, redirectUri);
  if (said === undefined) return undefined;
  if (/callback url mismatch|redirect_uri/i.test(said)) return callbackMismatch(tenant, redirectUri);
  const client = /unknown client|(?:invalid|unauthorized)_client/i.exec(said)?.[0].toLowerCase();
  const error = client === 'unknown client' ? 'invalid_client' : client;
  return tenantError({ error: error ?? `status ${String(answer.status)}` }, tenant);
}

/** The text of the tenant's error page; of a company's own page, to which Auth0 leads, what that is told. */
async function saidToPerson(
  answer: Response,
  tenant: Tenant,
  redirectUri: string,
): Promise<string | undefined> {
  if (answer.status >= 400 && answer.status < 500) return answer.text();
  const target = locationOf(answer, tenant);
  if (!target || isAt(target, redirectUri)) return undefined;
  const error = target.searchParams.get('error');
  return error === null ? undefined : `${error} ${target.searchParams.get('error_description') ?? ''}`;
}

function locationOf({ headers }: Response, tenant: Tenant): URL | null {
  return URL.parse(headers.get('location') ?? '', issuerOf(tenant));
}

function isAt(target: URL, redirectUri: string): boolean {
  const known = URL.parse(redirectUri);
  return (
    target.protocol === known?.protocol && target.host === known.host && target.pathname === known.pathname
  );
}

/** What the tenant would say at the callback. That somebody must log in first is the good answer. */
function errorAtCallback(answer: Response, tenant: Tenant): OmnispindleError | undefined {
  const said = locationOf(answer, tenant)?.searchParams;
  const error = said?.get('error');
  if (!error || /^(?:login|consent|interaction)_required$/.test(error)) return undefined;
  return tenantError({ error, error_description: said?.get('error_description') }, tenant);
}
