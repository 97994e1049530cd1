import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from './accounts.ts';
import { identityScopes, type Apis } from './apis.ts';
import type { Counts } from './counts.ts';
import type { TenantOptions } from './options.ts';
import type { Organizations } from './organizations.ts';
import type { ThirdParties } from './thirdParty.ts';

interface AuthorizationOptions {
  readonly apis: Apis;
  readonly accounts: Accounts;
  readonly options: TenantOptions;
  readonly organizations: Organizations;
  readonly thirdParties: ThirdParties;
}

type Checks = Exclude<NonNullable<Configuration['extraParams']>, readonly string[] | ReadonlySet<string>>;

/** Auth0's parameters of an authorization request, with what makes a request wrong before anybody is shown a page. */
export function checkedParameters({ options, organizations, thirdParties }: AuthorizationOptions): Checks {
  const unsupported = (name: string) => (ctx: KoaContextWithOIDC, value: string | undefined) => {
    if (value !== undefined && thirdParties(ctx.oidc.client?.clientId)) {
      throw new errors.InvalidRequest(`parameter ${name} is not supported for third-party clients`);
    }
  };
  return {
    audience(ctx) {
      const thirdParty = thirdParties(ctx.oidc.client?.clientId);
      if (thirdParty?.identityScopes === 'refused' && ctx.oidc.requestParamScopes.has('openid')) {
        throw new errors.InvalidScope('openid is not supported for third-party clients', 'openid');
      }
    },
    connection: null,
    organization_name: null,
    screen_hint: unsupported('screen_hint'),
    organization(ctx, value) {
      if (!startsSignIn(ctx)) return;
      if (value === undefined && options.organizationRequired) {
        throw new errors.InvalidRequest('parameter organization is required for this client');
      }
      if (value !== undefined && !organizations.resolve(value)) {
        throw new errors.InvalidRequest(`parameter organization is invalid: ${value}`);
      }
    },
    invitation(ctx, value) {
      unsupported('invitation')(ctx, value);
      if (!startsSignIn(ctx) || value === undefined) return;
      const organization = organizations.resolve(parameter(ctx, 'organization') ?? '');
      if (!organization) {
        throw new errors.InvalidRequest('parameter organization is required with an invitation');
      }
      if (!organizations.openInvitation(value, organization)) {
        throw new errors.InvalidRequest('invitation not found or already used');
      }
    },
  };
}

/**
 * Gives whoever signed in a grant of its own, so that revoking one leaves the others. Here it is known who it is, so
 * here the organization is checked.
 */
export function grantEverything({ apis, accounts, organizations }: AuthorizationOptions) {
  return async (ctx: KoaContextWithOIDC) => {
    const { oidc } = ctx;
    const accountId = oidc.session?.accountId ?? '';
    const organization = organizations.resolve(parameter(ctx, 'organization') ?? '');
    const account = accounts.find(accountId);
    // Who is logged in says nothing yet where the person is asked who they are.
    const isAsked = oidc.prompts.has('login') && !oidc.result?.login;
    if (organization && account && !isAsked) {
      const refusal = organizations.refusal(organization, account, parameter(ctx, 'invitation'));
      if (refusal !== undefined) throw new errors.AccessDenied(refusal);
    }
    const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId ?? '', accountId });
    grant.addOIDCScope(identityScopes.join(' '));
    grant.addOIDCClaims(['name', 'email', 'email_verified']);
    for (const resource of Object.keys(oidc.resourceServers ?? {})) {
      grant.addResourceScope(
        resource,
        [...identityScopes, ...(apis.findResource(resource)?.scopes ?? [])].join(' '),
      );
    }
    const id = await grant.save();
    if (organization) organizations.assign(id, organization);
    return grant;
  };
}

/** Accepts the invitation of a sign-in that is done, and counts it. */
export function noteSignIn(ctx: KoaContextWithOIDC, organizations: Organizations, counts: Counts): void {
  const organization = organizations.resolve(parameter(ctx, 'organization') ?? '');
  const ticket = parameter(ctx, 'invitation');
  if (organization && ticket !== undefined) {
    organizations.accept(ticket, organization, ctx.oidc.session?.accountId ?? '');
    counts.add('acceptedInvitations');
  }
  counts.add(ctx.oidc.result?.login ? 'signIns' : 'passedThrough');
}

/** A device code knows no organization and no invitation: Auth0 reads neither there. */
function startsSignIn({ path }: KoaContextWithOIDC): boolean {
  return path === '/authorize' || path === '/oauth/par';
}

function parameter({ oidc }: KoaContextWithOIDC, name: string): string | undefined {
  const value = oidc.params?.[name];
  return typeof value === 'string' ? value : undefined;
}
