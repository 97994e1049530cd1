import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { AuthError } from './authError.ts';
import type { ExpectedAccount, Grant, LoginHints, Organization } from './flows/flow.ts';
import { isOrganization } from './organization.ts';
import type { Tenant } from './tenant.ts';
import { saidBy } from './tokenAudience.ts';
import { settingName } from '../common/settingName.ts';
import { inPlace } from '../common/place.ts';

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
    const { organization } = await saidBy(accessToken);
    if (organization !== undefined) requireOrganization(organization, wanted, tenant);
  }
  if (expected && account.organization?.id !== expected.organization) {
    throw otherAccount(shown(account.label, account.organization), expected.label);
  }
}

/** @throws AuthError `access_denied` */
function requireOrganization(
  organization: Organization | undefined | null,
  wanted: string,
  tenant: Tenant,
): void {
  if (!isOrganization(organization, wanted)) throw wrongOrganization(organization, wanted, tenant);
}

/** The error of a token that is for another organization than the one asked for, or for none: it must not be used. */
export function wrongOrganization(
  organization: Organization | undefined | null,
  wanted: string,
  { domain }: Pick<Tenant, 'domain'>,
): AuthError {
  const asked = plainLine(wanted);
  return new AuthError(
    'access_denied',
    organization
      ? l10n.t(
          '{0} gave a token for the organization {1}, but {2} was asked for, so it was not used. Check {3}, then try again.',
          domain,
          shown(organization.id, organization),
          asked,
          settingName('organization'),
        )
      : l10n.t(
          '{0} gave a token for no organization, but {1} was asked for, so it was not used. Check {2}, and that organizations are on for this client.',
          domain,
          asked,
          settingName('organization'),
        ),
  );
}

function otherAccount(came: string, expected: string): AuthError {
  return new AuthError(
    'account_mismatch',
    inPlace({
      editor: l10n.t(
        'You signed in as {0}, but {1} was asked for, so nothing was changed. The browser is still logged in as {0}. Try again with a fresh login.',
        came,
        expected,
      ),
      terminal: l10n.t(
        'You signed in as {0}, but {1} was asked for, so nothing was changed. The browser is still logged in as {0}. Try again with a fresh login: in a terminal, omnispindle login --fresh --account "{1}"',
        came,
        expected,
      ),
    }),
  );
}

function shown(text: string, organization: Organization | undefined): string {
  return organization?.name === undefined ? text : `${text} (${organization.name})`;
}
