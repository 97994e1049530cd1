import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { AuthError } from './authError.ts';
import type { ExpectedAccount, Grant, LoginHints, Organization } from './flows/flow.ts';
import { isOrganization, organizationIn } from './organization.ts';
import type { Tenant } from './tenant.ts';

/** Who was asked for. */
export interface Wanted {
  readonly hints: Pick<LoginHints, 'organization'>;
  readonly expected?: ExpectedAccount | undefined;
}

/**
 * Checks that whoever comes back is the account, and for the organization, that was asked for: a browser that is logged
 * in as somebody else gives that person back without a page. Both tokens must name the organization.
 * @throws AuthError `account_mismatch`, or `access_denied` for another organization
 */
export async function requireRightPerson(
  grant: Grant,
  tenant: Tenant,
  { hints, expected }: Wanted,
): Promise<void> {
  const { account, accessToken } = grant;
  if (expected && account.id !== expected.id) throw otherAccount(account.label, expected.label);
  const wanted = hints.organization ?? expected?.organization;
  if (wanted !== undefined) {
    requireOrganization(account.organization, wanted, tenant);
    const claims = await claimsOf(accessToken);
    if (claims) requireOrganization(organizationIn(claims), wanted, tenant);
  }
  if (expected && account.organization?.id !== expected.organization) {
    throw otherAccount(shown(account.label, account.organization), expected.label);
  }
}

/**
 * Checks that a token is for the organization that was asked for.
 * @throws AuthError `access_denied`
 */
export function requireOrganization(
  organization: Organization | undefined,
  wanted: string,
  { domain }: Pick<Tenant, 'domain'>,
): void {
  if (isOrganization(organization, wanted)) return;
  const asked = plainLine(wanted);
  throw new AuthError(
    'access_denied',
    organization
      ? l10n.t(
          '{0} gave a token for the organization {1}, but {2} was asked for, so it was not used. Check omnispindle.auth0.organization (AUTH0_ORGANIZATION, --organization), then try again.',
          domain,
          shown(organization.id, organization),
          asked,
        )
      : l10n.t(
          '{0} gave a token for no organization, but {1} was asked for, so it was not used. Check omnispindle.auth0.organization (AUTH0_ORGANIZATION, --organization), and that organizations are on for this client.',
          domain,
          asked,
        ),
  );
}

function otherAccount(came: string, expected: string): AuthError {
  return new AuthError(
    'account_mismatch',
    l10n.t(
      'You signed in as {0}, but {1} was asked for, so nothing was changed. The browser is still logged in as {0}. Try again with a fresh login: in a terminal, omnispindle login --fresh --account "{1}"',
      came,
      expected,
    ),
  );
}

function shown(text: string, organization: Organization | undefined): string {
  return organization?.name === undefined ? text : `${text} (${organization.name})`;
}

/** Those of a JWT; of another token only the API itself can tell. */
async function claimsOf(token: string): Promise<unknown> {
  const { decodeJwt } = await import('jose');
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}
