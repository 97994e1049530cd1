import * as l10n from '@vscode/l10n';
import { codesIn, connectionFailure } from './connectionFailure.ts';
import { AuthError } from './authError.ts';
import { isOmnispindleError, type OmnispindleError } from '../common/errors.ts';
import { plainLine } from '../common/plainText.ts';
import type { LoginHints } from './flows/flow.ts';
import { issuerOf, type Tenant } from './tenant.ts';

import { refusedInBrowser } from './refusedInBrowser.ts';
import { tenantDemand } from './tenantDemand.ts';
import { refusalIn, shownWords, type Refusal } from './tenantWords.ts';
import { wrongAnswer } from './wrongAnswer.ts';
import { settingName } from '../common/settingName.ts';

/** The parts of openid-client's errors that tell what happened; read by shape so that it is loaded late. */
interface OAuthFailure {
  /** RFC 6749 section 5.2 `error`, where the tenant answered with one. */
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly status?: number;
  readonly code?: string;
  readonly name?: string;
  readonly cause?: unknown;
  /** The answer itself, where its words were read. */
  readonly response?: unknown;
}

/** The network's, the certificate's or our own time limit's code; what OAuth adds on top says less. */
const unreachable = /^(?:OAUTH_TIMEOUT|(?!OAUTH_)[A-Z][A-Z0-9_]+)$/;
const garbage =
  /^OAUTH_(?:PARSE_ERROR|INVALID_RESPONSE|RESPONSE_IS_NOT_JSON|RESPONSE_IS_NOT_CONFORM|JSON_ATTRIBUTE_COMPARISON_FAILED|JWT_.*|KEY_SELECTION_FAILED|MISSING_SERVER_METADATA|INVALID_SERVER_METADATA|HTTP_REQUEST_FORBIDDEN|REQUEST_PROTOCOL_FORBIDDEN)$/;

/** Auth0's, and other tenants', words for what the person did and knows. */
const cancelledByPerson =
  /^(?:the )?(?:end-?user|user|resource owner) (?:did not (?:authorize|approve|consent to)|(?:has )?(?:cancell?ed|aborted|denied|declined|rejected)) (?:the |this )?(?:request|interaction|authorization|access|consent|login|sign-?in)\.?$/i;
/** Auth0's words for a client that has no grant for the API. */
const missingGrant = /client[ -]grant|not authorized to access/i;

/** What was asked, as far as it decides what an answer means. */
export interface Asked {
  /** The API that a token was asked for; the tenant's default one where absent. */
  readonly audience?: string;
  /** What was sent and must not be shown, even where the tenant says it again. */
  readonly secrets?: readonly string[];
  /** Whether a session was to be renewed, and nobody was in a browser. */
  readonly isRenewal?: boolean;
  /** What was wished of the login page. */
  readonly hints?: LoginHints;
}

/**
 * What a failed request to the tenant means to the person, with the tenant's own words, as an {@link AuthError}.
 * The original error is not kept as cause: it can hold codes and tokens.
 */
export function tenantError(error: unknown, tenant: Tenant, asked: Asked = {}): OmnispindleError {
  // What we ourselves found wrong with an answer may come back wrapped by openid-client.
  const own = causes(error as OAuthFailure).find(cause => isOmnispindleError(cause));
  if (own) return own;
  const failure = (error ?? {}) as OAuthFailure;
  const refusal = refusalOf(error);
  if (refusal?.error !== undefined) return withWords(refusal.error, refusal, tenant, asked);
  const found = wrongAnswer(error, tenant);
  if (found) return found;
  const codes = causes(failure).map(cause => cause.code ?? '');
  // The one of `fetch` itself is how a proxy's refusal looks in the editor.
  if (causes(failure).some(({ name, code }) => name === 'AbortError' && code !== 'UND_ERR_ABORTED')) {
    return new AuthError(
      'cancelled',
      l10n.t('The sign-in was cancelled. Start it again when you are ready.'),
    );
  }
  if (refusal && (refusal.status >= 500 || refusal.status === 429)) {
    return withWords(`status ${String(refusal.status)}`, refusal, tenant, asked);
  }
  if (codes.some(code => garbage.test(code))) {
    return new AuthError(
      'invalid_response',
      l10n.t(
        '{0} did not answer like an Auth0 tenant. Check {1}, and whether a proxy stands in between.',
        tenant.domain,
        settingName('domain'),
      ),
    );
  }
  const known = connectionFailure(error, tenant.domain);
  if (known !== undefined) return new AuthError('tenant_unreachable', known);
  const why = codesIn(error).find(code => unreachable.test(code));
  return new AuthError(
    'tenant_unreachable',
    l10n.t(
      '{0} could not be reached ({1}). Check the network and {2}, then try again.',
      tenant.domain,
      why ?? failure.name ?? 'unknown',
      settingName('domain'),
    ),
  );
}

/** What the tenant answered, where the error is that it did not do what was asked. */
export function refusalOf(error: unknown): Refusal | undefined {
  const failure = (error ?? {}) as OAuthFailure;
  const answer = causes(failure)
    .flatMap(({ response, cause }) => [refusalIn(response), refusalIn(cause)])
    .find(found => found !== undefined);
  const { error: name, error_description: description } = failure;
  if (typeof name !== 'string' || name === '') {
    // A page or a gateway of somebody else has no words of OAuth's: only those of a tenant in trouble count.
    const isTrouble = answer && (answer.status >= 500 || answer.status === 429 || answer.description);
    return isTrouble ? answer : undefined;
  }
  return {
    status: failure.status ?? 400,
    ...answer,
    error: name,
    ...(typeof description === 'string' && { description }),
  };
}

function withWords(error: string, refusal: Refusal, tenant: Tenant, asked: Asked): AuthError {
  const words = shownWords(refusal.description, asked.secrets);
  const { code, message } = answered(shownWords(error, asked.secrets).slice(0, 80), words, tenant, asked);
  const isKnown = words === '' || (error === 'access_denied' && cancelledByPerson.test(words));
  return new AuthError(
    code,
    // The host alone: the address to open must be the only one that a person sees.
    isKnown ? message : l10n.t('{0} {1} says: "{2}"', message, new URL(issuerOf(tenant)).host, words),
  );
}

type Answered = Pick<AuthError, 'code' | 'message'>;

function answered(error: string, words: string, tenant: Tenant, asked: Asked): Answered {
  const { audience = tenant.audience, isRenewal } = asked;
  const demand = tenantDemand(error, words, tenant, asked.hints);
  if (demand) return demand;
  if (/service not (?:found|enabled)/i.test(words)) {
    if (audience !== tenant.audience) return unknownApi(audience, tenant);
    return {
      code: 'invalid_settings',
      message: l10n.t(
        '{0} knows no API "{1}". Check {2}.',
        tenant.domain,
        tenant.audience,
        settingName('audience'),
      ),
    };
  }
  if (error === 'unauthorized_client' || missingGrant.test(words)) {
    return noClientGrant(error, audience, tenant);
  }
  switch (error) {
    case 'access_denied':
    case 'unauthorized':
      return { code: 'access_denied', message: denied(error, words, tenant, isRenewal) };
    case 'login_required':
    case 'consent_required':
    case 'interaction_required':
    case 'invalid_grant':
    case 'mfa_required':
      return { code: 'login_required', message: l10n.t('The session has ended. Sign in again.') };
    case 'expired_token':
      return {
        code: 'timed_out',
        message: l10n.t('The code was not entered in time. Try again for a new one.'),
      };
    case 'invalid_client':
      return {
        code: 'invalid_settings',
        message: l10n.t(
          '{0} does not accept the client "{1}" ({2}). Check {3}, and that it is a native application with the grant types in use.',
          tenant.domain,
          tenant.clientId,
          error,
          settingName('clientId'),
        ),
      };
    default:
      return {
        code: 'server_error',
        message: l10n.t(
          '{0} reported a problem ({1}). Try again in a moment; if it stays so, ask who runs the tenant.',
          tenant.domain,
          error,
        ),
      };
  }
}

function denied(error: string, words: string, { domain }: Tenant, isRenewal = false): string {
  if (isRenewal) {
    return l10n.t(
      '{0} did not renew the session. Try again, or sign in again; if it stays so, ask who runs the tenant.',
      domain,
    );
  }
  return error === 'access_denied' && (words === '' || cancelledByPerson.test(words))
    ? refusedInBrowser()
    : l10n.t(
        '{0} refused the sign-in. Do what it asks for, or ask who runs the tenant, then try again.',
        domain,
      );
}

function unknownApi(audience: string, { domain }: Tenant): Answered {
  return {
    code: 'invalid_settings',
    message: l10n.t(
      '{0} knows no API "{1}". Ask who runs the tenant to register an API with exactly this identifier, or correct the audience of the server that needs it.',
      domain,
      plainLine(audience),
    ),
  };
}

function noClientGrant(error: string, audience: string, { domain, clientId }: Tenant): Answered {
  return {
    code: 'invalid_settings',
    message: l10n.t(
      '{0} does not accept the client "{1}" ({2}). Check {4}, that it is a native application with the grant types in use, and that it is authorized for the API "{3}": without a client grant, Auth0 refuses third-party clients.',
      domain,
      clientId,
      error,
      plainLine(audience),
      settingName('clientId'),
    ),
  };
}

function causes(failure: OAuthFailure): OAuthFailure[] {
  const chain: OAuthFailure[] = [];
  for (let next: unknown = failure; next instanceof Error && chain.length < 8; next = next.cause) {
    chain.push(next);
  }
  return chain;
}
