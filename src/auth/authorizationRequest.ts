import { createHash, timingSafeEqual } from 'node:crypto';
import type { Configuration } from 'openid-client';
import * as l10n from '@vscode/l10n';
import { discover, withFetch } from './discovery.ts';
import { AuthError } from './authError.ts';
import { authorizationUrl } from './authorizationUrl.ts';
import type { ExpectedAccount, Grant, LoginHints } from './flows/flow.ts';
import { toGrant } from './grant.ts';
import { redeemSurely } from './redeemSurely.ts';
import { requireRightPerson } from './rightPerson.ts';
import { signedRequestDemand } from './tenantDemand.ts';
import { tenantError } from './tenantError.ts';
import { tenantFetch } from './tenantFetch.ts';
import type { Tenant } from './tenant.ts';

/** An authorization code flow that has begun and waits for its callback. */
export interface AuthorizationRequest {
  /** Where the person's browser goes. */
  readonly url: string;
  readonly state: string;
  /**
   * Turns the callback's query into a grant, once.
   * @throws AuthError `invalid_callback` where the callback is not this request's: the right one may still
   * come; any other code ends the sign-in.
   */
  redeem(query: URLSearchParams): Promise<Grant>;
}

/** What is asked of the tenant. */
export interface AuthorizationOptions {
  readonly redirectUri: string;
  /** The API that the access token is to be for; the tenant's default one where absent. */
  readonly audience?: string;
  readonly scopes: readonly string[];
  readonly hints: LoginHints;
  readonly expected?: ExpectedAccount | undefined;
  /** What `state` says to who passes the callback on, after the part of it that nobody can guess. */
  readonly routing?: string | undefined;
  /** Whether the tenant is to answer without showing the person anything (`prompt=none`). */
  readonly isSilent?: boolean;
}

/**
 * Begins an authorization code flow with PKCE (RFC 7636, S256), `state` and `nonce`.
 * @throws AuthError where the tenant cannot be asked for its endpoints, or refuses a pushed request.
 */
export async function beginAuthorization(
  tenant: Tenant,
  request: AuthorizationOptions,
): Promise<AuthorizationRequest> {
  const { redirectUri, audience = tenant.audience, hints, expected, routing } = request;
  const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
  if (configuration.serverMetadata().require_signed_request_object) throw signedRequestDemand(tenant);
  const verifier = client.randomPKCECodeVerifier();
  const state = [client.randomState(), routing].filter(Boolean).join('.');
  const nonce = client.randomNonce();
  const url = await authorizationUrl(configuration, tenant, request, {
    audience,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  });
  let redeemed = false;

  return {
    url,
    state,
    async redeem(query) {
      requireState(query, state);
      if (redeemed) {
        throw new AuthError(
          'invalid_callback',
          l10n.t('This sign-in is already finished. You may close this page.'),
        );
      }
      redeemed = true;
      const current = new URL(redirectUri);
      current.search = query.toString();
      try {
        const own = await withRedirectUri(configuration, tenant, redirectUri);
        const tokens = await redeemSurely(tenant, () =>
          client.authorizationCodeGrant(own, current, {
            pkceCodeVerifier: verifier,
            expectedState: state,
            expectedNonce: nonce,
            idTokenExpected: true,
            ...(hints.maxAge !== undefined && { maxAge: hints.maxAge }),
          }),
        );
        const grant = await toGrant(configuration, tenant, tokens, audience);
        await requireRightPerson(grant, tenant, { hints, expected });
        return grant;
      } catch (error) {
        const secrets = [query.get('code') ?? '', verifier, state, nonce, hints.invitation ?? ''];
        throw tenantError(error, tenant, { audience, secrets, hints });
      }
    },
  };
}

/** @throws AuthError `invalid_callback` where `state` is missing, doubled, or another request's. */
function requireState(query: URLSearchParams, expected: string): void {
  const given = query.getAll('state');
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const same = timingSafeEqual(digest(given[0] ?? ''), digest(expected));
  if (given.length !== 1 || !same) {
    throw new AuthError(
      'invalid_callback',
      l10n.t('This page belongs to another sign-in. Go back to the newest sign-in page, or start again.'),
    );
  }
  for (const name of ['code', 'error', 'iss']) {
    if (query.getAll(name).length > 1) {
      throw new AuthError(
        'invalid_callback',
        l10n.t('The callback names "{0}" twice. Start the sign-in again.', name),
      );
    }
  }
  if (!query.has('code') && !query.has('error')) {
    throw new AuthError('invalid_callback', l10n.t('The callback carries no code. Start the sign-in again.'));
  }
}

/** openid-client derives `redirect_uri` from the callback without its query; one that has a query needs it back. */
async function withRedirectUri(
  configuration: Configuration,
  tenant: Tenant,
  redirectUri: string,
): Promise<Configuration> {
  if (!new URL(redirectUri).search) return configuration;
  const send = tenantFetch(tenant);
  return withFetch(configuration, (url, options) => {
    const body = new URLSearchParams(options?.body as URLSearchParams);
    if (body.has('redirect_uri')) body.set('redirect_uri', redirectUri);
    return send(url, { ...options, ...(options?.method === 'POST' && { body }) });
  });
}
