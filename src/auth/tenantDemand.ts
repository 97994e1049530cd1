import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { AuthError } from './authError.ts';
import type { LoginHints } from './flows/flow.ts';
import type { Tenant } from './tenant.ts';
import { settingName } from '../common/settingName.ts';
import { inPlace } from '../common/place.ts';

type Answered = Pick<AuthError, 'code' | 'message'>;

/**
 * What a tenant demands that refused something, by Auth0's words for it: the organization, an invitation, or a switch of
 * the client's. Undefined where its words name no such demand.
 * @param words as they may be shown
 */
export function tenantDemand(
  error: string,
  words: string,
  tenant: Tenant,
  hints: LoginHints = {},
): Answered | undefined {
  return (
    invitationDemand(words) ??
    organizationDemand(words, tenant, hints) ??
    clientDemand(`${error} ${words}`, tenant)
  );
}

function invitationDemand(words: string): Answered | undefined {
  if (/invitation not found|invitation .*(?:already|expired)/i.test(words)) {
    return {
      code: 'access_denied',
      message: l10n.t(
        'The invitation has been used, has ended, or is not known. If you have accepted it, sign in to the organization by its name ({0}); else ask for another one.',
        settingName('organization'),
      ),
    };
  }
  if (/accept the (?:current )?invitation/i.test(words)) {
    return {
      code: 'access_denied',
      message: l10n.t(
        'The invitation is for another e-mail address than the one you signed in with, and may be used up by that. Ask for another one, and sign in with the address that it was sent to.',
      ),
    };
  }
  return undefined;
}

function organizationDemand(
  words: string,
  { domain, ...tenant }: Tenant,
  hints: LoginHints,
): Answered | undefined {
  const organization = plainLine(hints.organization ?? tenant.organization ?? '');
  if (/organization is required|requires? (?:an )?organization(?! membership)/i.test(words)) {
    return {
      code: 'invalid_settings',
      message: l10n.t(
        '{0} lets nobody sign in without an organization. Name yours, by its id or name: {1}.',
        domain,
        settingName('organization'),
      ),
    };
  }
  if (/organization is invalid|invalid organization|organization .*not (?:found|exist)/i.test(words)) {
    return {
      code: 'invalid_settings',
      message: l10n.t(
        '{0} knows no organization "{1}", or does not let this client into it. Check {2}; a name counts only where the tenant allows names, the id (org_…) always does.',
        domain,
        organization,
        settingName('organization'),
      ),
    };
  }
  if (/not (?:a )?(?:part|member) of|organization membership/i.test(words)) {
    return {
      code: 'access_denied',
      message: l10n.t(
        'You are no member of the organization {0} at {1}. Ask for an invitation and accept it with {2}, sign in as another account, or name another organization.',
        organization,
        domain,
        inPlace({
          editor: l10n.t('"Omnispindle: Accept Invitation…"'),
          terminal: '"omnispindle login --invitation -"',
        }),
      ),
    };
  }
  return undefined;
}

function clientDemand(said: string, tenant: Tenant): Answered | undefined {
  if (/dpop/i.test(said)) return dpopDemand(tenant);
  const { domain, clientId } = tenant;
  if (/pushed authorization request/i.test(said)) {
    return {
      code: 'invalid_settings',
      message: l10n.t(
        '{0} takes only pushed authorization requests from the client "{1}", but its discovery document does not say so. At Auth0, turn off "Require Pushed Authorization Requests (PAR)" of the application, or require them for the whole tenant.',
        domain,
        clientId,
      ),
    };
  }
  if (/device_code.* not allowed/i.test(said)) {
    return {
      code: 'invalid_settings',
      message: l10n.t(
        '{0} gives the client "{1}" no code to enter in another browser. At Auth0, turn on Application > Advanced Settings > Grant Types > Device Code, or sign in with a browser on this machine. A third-party client in strict mode can have neither: make it a first-party application.',
        domain,
        clientId,
      ),
    };
  }
  return /third[- ]party/i.test(said) ? thirdPartyDemand(tenant) : undefined;
}

/** The error of a tenant at which the client may not learn who signed in, as Auth0's strict mode for third parties has it. */
export function thirdPartyDemand({ domain, clientId }: Tenant): Answered {
  return {
    code: 'invalid_settings',
    message: l10n.t(
      '{0} treats the client "{1}" as a third party’s in strict mode, which may not learn who signs in (the scope "openid"), so nobody can sign in with it. At Auth0, make it a first-party application, or name another client with {2}.',
      domain,
      clientId,
      settingName('clientId'),
    ),
  };
}

/** The error of a tenant that takes only requests with a signature (RFC 9101), as its discovery document says. */
export function signedRequestDemand({ domain, clientId }: Tenant): AuthError {
  return new AuthError(
    'invalid_settings',
    l10n.t(
      '{0} takes only signed authorization requests (JAR), which Omnispindle does not support. Ask who runs the tenant to let the client "{1}" send plain ones, or pushed ones (PAR).',
      domain,
      clientId,
    ),
  );
}

/** The error of a tenant that binds tokens to a key (RFC 9449). */
export function dpopDemand({ domain, clientId }: Tenant): Answered {
  return {
    code: 'invalid_settings',
    message: l10n.t(
      '{0} demands tokens bound to a key (DPoP), which Omnispindle does not support yet. At Auth0, turn off "Require Token Sender-Constraining" of the application "{1}" and of the API.',
      domain,
      clientId,
    ),
  };
}
