import { randomUUID } from 'node:crypto';
import type { TenantAccount } from './accounts.ts';
import type { KeptState } from './keptState.ts';
import type { TenantOptions, TenantOrganization } from './options.ts';

export interface InvitationOptions {
  /** Whom it is for; anybody where absent. */
  readonly email?: string;
  /** The application's login address, which the link opens. */
  readonly loginUri?: string;
  /** Seconds that it is good for: 7 days, as Auth0's, where absent. */
  readonly lifetime?: number;
}

interface Invitation {
  readonly organization: string;
  readonly email?: string | undefined;
  readonly expires: number;
  readonly used?: boolean;
}

/** A tenant's organizations, their members and invitations. */
export function createOrganizations(
  { organizations = [], organizationNames = false, thirdParty }: TenantOptions,
  state: Pick<KeptState, 'get' | 'set'>,
) {
  const membersOf = ({ id, members }: TenantOrganization) =>
    (state.get(`members ${id}`) ?? members) as readonly string[];
  const ticketKey = (ticket: string) => `invitation ${ticket}`;
  const find = (ticket: string) => state.get(ticketKey(ticket)) as Invitation | undefined;

  function byId(id: string): TenantOrganization | undefined {
    return organizations.find(organization => organization.id === id);
  }

  function openInvitation(ticket: string, { id }: TenantOrganization): Invitation | undefined {
    const invitation = find(ticket);
    const open = invitation?.organization === id && !invitation.used && invitation.expires > Date.now();
    return open ? invitation : undefined;
  }

  function close(ticket: string): void {
    state.set(ticketKey(ticket), { ...find(ticket), used: true });
  }

  return {
    /** What `organization` of a request means; nothing where Auth0 calls it invalid. */
    resolve(value: string): TenantOrganization | undefined {
      const found = byId(value) ?? (organizationNames ? byName(value) : undefined);
      return thirdParty && !found?.allowsThirdParties ? undefined : found;
    },
    openInvitation,
    /** Whom an invitation is for, while it is open. */
    invitee(ticket: string): string | undefined {
      const invitation = find(ticket);
      return invitation?.used ? undefined : invitation?.email;
    },
    /** Why that account may not sign in to the organization. A wrong account uses the invitation up, as Auth0 does. */
    refusal(
      organization: TenantOrganization,
      { sub, email }: TenantAccount,
      ticket?: string,
    ): string | undefined {
      const invitation = ticket === undefined ? undefined : openInvitation(ticket, organization);
      if (ticket !== undefined && invitation) {
        if (invitation.email === undefined || invitation.email === email) return undefined;
        close(ticket);
        return 'the specified account is not allowed to accept the current invitation';
      }
      return membersOf(organization).includes(sub)
        ? undefined
        : `user ${sub} is not part of the ${organization.id} organization`;
    },
    accept(ticket: string, organization: TenantOrganization, sub: string): void {
      close(ticket);
      state.set(`members ${organization.id}`, [...new Set([...membersOf(organization), sub])]);
    },
    /** The link of the message that invites somebody. */
    invite(organizationId: string, options: InvitationOptions = {}): string {
      const organization = byId(organizationId);
      if (!organization) throw new Error(`There is no organization ${organizationId}.`);
      const { email, loginUri = 'https://app.example/login', lifetime = 7 * 86_400 } = options;
      const ticket = randomUUID().replaceAll('-', '');
      const expires = Date.now() + lifetime * 1_000;
      state.set(ticketKey(ticket), { organization: organization.id, email, expires });
      const link = new URL(loginUri);
      link.searchParams.set('invitation', ticket);
      link.searchParams.set('organization', organization.id);
      link.searchParams.set('organization_name', organization.name);
      return link.href;
    },
    /** Remembers for which organization a grant is. */
    assign(grantId: string, organization: TenantOrganization): void {
      state.set(`organization of ${grantId}`, organization.id);
    },
    /** What a token of that grant says of it. */
    claims(grantId: string | undefined): Record<string, string> {
      const organization = byId(String(state.get(`organization of ${grantId ?? ''}`)));
      if (!organization) return {};
      return { org_id: organization.id, ...(organizationNames && { org_name: organization.name }) };
    },
  };

  function byName(name: string): TenantOrganization | undefined {
    return organizations.find(organization => organization.name === name.toLowerCase());
  }
}
export type Organizations = ReturnType<typeof createOrganizations>;
