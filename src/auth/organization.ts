import * as z from 'zod/mini';
import { plainLine } from '../common/plainText.ts';
import type { Organization } from './flows/flow.ts';

/** Longest id or name (UTF-16 units); Auth0's are at most 50. */
export const longestOrganization = 128;

const organizationText = z.string().check(z.minLength(1), z.maxLength(longestOrganization));
const claimsSchema = z.object({
  org_id: organizationText,
  org_name: z.catch(z.optional(organizationText), undefined),
});

/** The organization that an ID token or an access token of Auth0's names; undefined where it names none. */
export function organizationIn(claims: unknown): Organization | undefined {
  const named = claimsSchema.safeParse(claims).data;
  if (!named) return undefined;
  return {
    id: plainLine(named.org_id),
    ...(named.org_name !== undefined && { name: plainLine(named.org_name) }),
  };
}

/**
 * Whether that is the organization that was asked for: an id is compared exactly, a name whatever its case, as Auth0
 * says for tokens.
 * @param wanted an id (`org_…`) or a name
 * @example isOrganization({ id: 'org_1', name: 'acme' }, 'Acme') // true
 */
export function isOrganization(organization: Organization | undefined | null, wanted: string): boolean {
  if (!organization) return false;
  return organization.id === wanted || organization.name?.toLowerCase() === wanted.toLowerCase();
}
