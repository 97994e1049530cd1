import type { Organization } from './flows/flow.ts';

/** Longest id or name (UTF-16 units); Auth0's are at most 50. */
export const longestOrganization = 128;

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
