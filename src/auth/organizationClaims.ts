import * as z from 'zod/mini';
import { plainLine } from '../common/plainText.ts';
import type { Organization } from './flows/flow.ts';
import { longestOrganization } from './organization.ts';

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
