import { errors } from 'oidc-provider';
import type { TenantApi, TenantOptions, ThirdParty } from './options.ts';

/** Tells what a client may have, where it is a third party's; nothing of a first party's. */
export type ThirdParties = (clientId: string | null | undefined) => ThirdParty | undefined;

/**
 * Tells third parties from first ones: whoever registered itself is one.
 * @param ownClient the client that the tenant names
 */
export function thirdPartiesOf(ownClient: string, options: TenantOptions): ThirdParties {
  const { thirdParty, clients = [], thirdPartyDefaults = [] } = options;
  const firstParties = new Set(clients.map(({ clientId }) => clientId));
  return clientId => {
    if (!clientId || clientId === ownClient) return thirdParty;
    return firstParties.has(clientId) ? undefined : { grants: thirdPartyDefaults };
  };
}

/** What Auth0 answers at the device endpoint to a client that has no device code. */
export const noDeviceCode = {
  error: 'unauthorized_client',
  error_description: "Grant type 'urn:ietf:params:oauth:grant-type:device_code' not allowed for the client.",
  error_uri: 'https://auth0.com/docs/clients/client-grant-types',
};

/** The scopes of an API that a client may have; a third party's only those of its client grant. */
export function allowedScopes(thirdParty: ThirdParty | undefined, api: TenantApi): readonly string[] {
  if (!thirdParty) return api.scopes;
  const grant = thirdParty.grants.find(({ audience }) => audience === api.identifier);
  if (!grant) {
    throw new errors.UnauthorizedClient(
      `Client is not authorized to access resource server "${api.identifier}".`,
    );
  }
  return grant.scopes.filter(scope => api.scopes.includes(scope));
}

/** Takes out of a request of a third party what Auth0 does not process there, the nonce of an ID token too. */
export function withoutIdentityScopes(parameters: URLSearchParams): void {
  const scopes = parameters.get('scope')?.split(' ') ?? [];
  const left = scopes.filter(scope => !['openid', 'profile', 'email'].includes(scope));
  parameters.set('scope', left.join(' '));
  parameters.delete('nonce');
}
