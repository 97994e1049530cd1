import * as l10n from '@vscode/l10n';
import { AuthError, isAuthError } from './errors.ts';
import { plainLine } from './plainText.ts';
import type { Tenant } from './tenant.ts';

/** The parts of openid-client's errors that tell what happened; read by shape so that it is loaded late. */
interface OAuthFailure {
  /** RFC 6749 section 5.2 `error`, where the tenant answered with one. */
  readonly error?: string;
  readonly error_description?: string;
  readonly status?: number;
  readonly code?: string;
  readonly name?: string;
  readonly cause?: unknown;
}

/** The network's, the certificate's or our own time limit's code; what OAuth adds on top says less. */
const unreachable = /^(?:OAUTH_TIMEOUT|(?!OAUTH_)[A-Z][A-Z0-9_]+)$/;
const garbage =
  /^OAUTH_(?:PARSE_ERROR|INVALID_RESPONSE|RESPONSE_IS_NOT_JSON|RESPONSE_IS_NOT_CONFORM|JSON_ATTRIBUTE_COMPARISON_FAILED|JWT_.*|KEY_SELECTION_FAILED|MISSING_SERVER_METADATA|INVALID_SERVER_METADATA|HTTP_REQUEST_FORBIDDEN|REQUEST_PROTOCOL_FORBIDDEN)$/;

/**
 * What a failed request to the tenant means to the person, as an {@link AuthError}. The original error is
 * not kept as cause: it can hold codes and tokens.
 */
export function tenantError(error: unknown, tenant: Tenant): AuthError {
  // What we ourselves found wrong with an answer may come back wrapped by openid-client.
  const own = causes(error as OAuthFailure).find(cause => isAuthError(cause));
  if (own) return own;
  const failure = (error ?? {}) as OAuthFailure;
  if (failure.error) return answered(failure.error, failure.error_description ?? '', tenant);
  const codes = causes(failure).map(cause => cause.code ?? '');
  if (causes(failure).some(cause => cause.name === 'AbortError')) {
    return new AuthError(
      'cancelled',
      l10n.t('The sign-in was cancelled. Start it again when you are ready.'),
    );
  }
  if (codes.some(code => garbage.test(code))) {
    return new AuthError(
      'invalid_response',
      l10n.t(
        '{0} did not answer like an Auth0 tenant. Check omnispindle.auth0.domain (or AUTH0_DOMAIN), and whether a proxy stands in between.',
        tenant.domain,
      ),
    );
  }
  const why = codes.find(code => unreachable.test(code));
  return new AuthError(
    'tenant_unreachable',
    l10n.t(
      '{0} could not be reached ({1}). Check the network and omnispindle.auth0.domain (or AUTH0_DOMAIN), then try again.',
      tenant.domain,
      why ?? failure.name ?? 'unknown',
    ),
  );
}

function answered(error: string, description: string, tenant: Tenant): AuthError {
  if (/service not found/i.test(description)) {
    return new AuthError(
      'invalid_settings',
      l10n.t(
        '{0} knows no API "{1}". Check omnispindle.auth0.audience (or AUTH0_AUDIENCE).',
        tenant.domain,
        tenant.audience,
      ),
    );
  }
  switch (error) {
    case 'access_denied':
      return new AuthError(
        'access_denied',
        l10n.t('The sign-in was refused or cancelled in the browser. Try again to sign in.'),
      );
    case 'login_required':
    case 'consent_required':
    case 'interaction_required':
    case 'invalid_grant':
    case 'mfa_required':
      return new AuthError('login_required', l10n.t('The session has ended. Sign in again.'));
    case 'expired_token':
      return new AuthError('timed_out', l10n.t('The code was not entered in time. Try again for a new one.'));
    case 'unauthorized_client':
    case 'invalid_client':
      return new AuthError(
        'invalid_settings',
        l10n.t(
          '{0} does not accept the client "{1}" ({2}). Check omnispindle.auth0.clientId (or AUTH0_CLIENT_ID), and that it is a native application with the grant types in use.',
          tenant.domain,
          tenant.clientId,
          error,
        ),
      );
    default:
      return new AuthError(
        'server_error',
        l10n.t('{0} reported a problem ({1}). Try again in a moment.', tenant.domain, plainLine(error, 80)),
      );
  }
}

function causes(failure: OAuthFailure): OAuthFailure[] {
  const chain: OAuthFailure[] = [];
  for (let next: unknown = failure; next instanceof Error && chain.length < 8; next = next.cause) {
    chain.push(next as OAuthFailure);
  }
  return chain;
}
