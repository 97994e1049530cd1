import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { OmnispindleError } from '../common/errors.ts';
import { safeAddress } from './address.ts';
import type { LoginHints } from './flows/flow.ts';
import { longestOrganization } from './organization.ts';

/** What of an invitation is sent on to the tenant. */
export type Invitation = Required<Pick<LoginHints, 'invitation' | 'organization'>> &
  Pick<LoginHints, 'organizationName'>;

/** Longest link (UTF-16 units) that is read. */
const longestLink = 4_096;

const name = z.string().check(z.regex(/^[^\p{Cc}]+$/u), z.maxLength(longestOrganization));
const linkSchema = z.object({
  invitation: z.string().check(z.regex(/^[\w.~-]+$/), z.maxLength(256)),
  organization: name,
  organizationName: z.optional(name),
});

/**
 * Reads the link of an invitation to an organization (Auth0, "Invite Organization Members"). It leads to a page of the
 * application's, which is not opened: what counts are its parameters.
 * @throws OmnispindleError `invalid_settings`; the link is not in it, because the invitation is a secret until it is used
 * @example
 * parseInvitation('https://app.example/?invitation=abc&organization=org_1') // { invitation: 'abc', organization: 'org_1' }
 */
export function parseInvitation(link: string): Invitation {
  const text = link.trim();
  const url = text.length > longestLink ? undefined : safeAddress(text);
  if (!url) {
    throw notInvitation(l10n.t('It is no https address of at most {0} characters.', String(longestLink)));
  }
  const one = (parameter: string) => {
    const [first, ...others] = url.searchParams.getAll(parameter);
    return others.length > 0 ? '' : first || undefined;
  };
  const parsed = linkSchema.safeParse({
    invitation: one('invitation'),
    organization: one('organization'),
    organizationName: one('organization_name'),
  });
  if (parsed.success) {
    const { organizationName, ...invitation } = parsed.data;
    return { ...invitation, ...(organizationName !== undefined && { organizationName }) };
  }
  throw notInvitation(l10n.t('It must name "invitation" and "organization", each once.'));
}

function notInvitation(reason: string): OmnispindleError {
  return new OmnispindleError(
    'invalid_settings',
    l10n.t(
      'This is not the link of an invitation. {0} Copy the whole link from the message that invites you.',
      reason,
    ),
  );
}
