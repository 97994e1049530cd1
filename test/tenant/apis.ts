import type { AudienceAndScopes, TenantApi } from './options.ts';

export const identityScopes = ['openid', 'profile', 'email', 'offline_access'];

/** Stands before an identifier that is no URI. */
const plainName = 'urn:api:';

/** The APIs of a tenant, by identifier, and by the name that oidc-provider knows each by. */
export interface Apis {
  find(identifier: string): TenantApi | undefined;
  /** oidc-provider takes absolute URIs alone; Auth0 any text. */
  resourceOf(identifier: string): string;
  findResource(resource: string): TenantApi | undefined;
  identifierOf(resource: string): string;
}

export function createApis(all: readonly TenantApi[]): Apis {
  const byIdentifier = new Map(all.map(api => [api.identifier, api]));
  const resourceOf = (identifier: string) =>
    URL.canParse(identifier) ? identifier : `${plainName}${encodeURIComponent(identifier)}`;
  const byResource = new Map(all.map(api => [resourceOf(api.identifier), api]));
  return {
    find: identifier => byIdentifier.get(identifier),
    resourceOf,
    findResource: resource => byResource.get(resource),
    identifierOf: resource =>
      resource.startsWith(plainName) ? decodeURIComponent(resource.slice(plainName.length)) : resource,
  };
}

/** An access token's audience and scopes. */
export interface Target {
  readonly audience: string;
  readonly scopes: readonly string[];
}

/**
 * What a refresh gives, by Auth0's rules for multi-resource refresh tokens ("Evaluation logic"): what it cannot give it
 * ignores.
 * @param signIn what was asked for at the sign-in
 */
export function refreshTarget(
  signIn: Target,
  asked: { readonly audience?: string | undefined; readonly scope?: string | undefined },
  policies: readonly AudienceAndScopes[],
  apis: Apis,
): Target {
  const named = asked.audience ?? signIn.audience;
  const allowed = policies.some(({ audience }) => audience === named) && apis.find(named);
  const audience = allowed ? named : signIn.audience;
  const defined = new Set([...identityScopes, ...(apis.find(audience)?.scopes ?? [])]);
  const available = new Set([
    ...signIn.scopes.filter(scope => audience === signIn.audience || identityScopes.includes(scope)),
    ...policies.flatMap(policy => (policy.audience === audience ? policy.scopes : [])),
  ]);
  const wanted = asked.scope?.split(' ').filter(scope => available.has(scope)) ?? [];
  const scopes = wanted.length > 0 ? wanted : [...available];
  return { audience, scopes: scopes.filter(scope => defined.has(scope)) };
}
