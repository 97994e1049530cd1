import type { Organization } from '../auth/flows/flow.ts';
import { plainLine } from '../common/plainText.ts';

/** A person at a tenant, as it knows them (OpenID Connect Core section 5.1). */
export interface Account {
  /** The tenant's `sub`. */
  readonly id: string;
  readonly label: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** The organization they are signed in to: who is signed in to two has two accounts. */
  readonly organization?: Organization | undefined;
}

/** The account as it may be shown: an earlier version kept names as the tenant sent them. */
export function shown({ id, label, name, email, organization }: Account): Account {
  return {
    id,
    label: plainLine(label),
    ...(name !== undefined && { name: plainLine(name) }),
    ...(email !== undefined && { email: plainLine(email) }),
    ...(organization && { organization }),
  };
}
