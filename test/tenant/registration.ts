import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Context } from 'koa';
import type { ClientMetadata, Configuration } from 'oidc-provider';
import type { RegistrationOptions } from './options.ts';
import { putBody } from './parameters.ts';

/** Where Auth0 registers applications dynamically. */
export const registrationPath = '/oidc/register';

/** What Auth0 reads of a registration (its documentation, "Register an application"). */
const registrationFields = [
  'client_name',
  'redirect_uris',
  'token_endpoint_auth_method',
  'grant_types',
  'response_types',
  'logo_uri',
];
/** What an application may do that registered itself; every other grant type is left out of the answer. */
const registrationGrants = new Set<unknown>(['authorization_code', 'refresh_token']);

/** How applications become clients of the tenant, in the words of oidc-provider. */
export function registrationFeatures({
  dynamicRegistration,
  metadataDocuments,
}: RegistrationOptions): NonNullable<Configuration['features']> {
  return {
    registration: {
      enabled: dynamicRegistration !== undefined,
      issueRegistrationAccessToken: false,
      idFactory: () => `tpc_${randomBytes(24).toString('base64url')}`,
    },
    clientIdMetadataDocument: {
      enabled: metadataDocuments !== undefined,
      ack: 'draft-02',
      allowFetch: (_ctx, address) => Object.hasOwn(metadataDocuments ?? {}, address),
    },
  };
}

/** Answers as the hosts of the metadata documents would. */
export function metadataHosts({ metadataDocuments = {} }: RegistrationOptions): typeof fetch {
  return input => {
    const address = input instanceof Request ? input.url : String(input);
    const found = metadataDocuments[address];
    return Promise.resolve(found ? Response.json(found) : new Response('Not Found', { status: 404 }));
  };
}

/** The applications that were registered by hand. */
export function registeredClients({ clients = [] }: RegistrationOptions): ClientMetadata[] {
  return clients.map(({ clientId, redirectUris }) => ({
    client_id: clientId,
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [...redirectUris],
  }));
}

/**
 * Makes of a registration what Auth0 makes of it.
 * @returns whether it is refused, and answered
 */
export async function translateRegistration(
  ctx: Context,
  { dynamicRegistration }: RegistrationOptions,
): Promise<boolean> {
  if (dynamicRegistration !== true) {
    ctx.status = 404;
    ctx.body = { error: 'Not Found', message: 'Dynamic client registration is not enabled' };
    return true;
  }
  const asked = (await readJson(ctx)) as Record<string, unknown>;
  const read = Object.fromEntries(
    Object.entries(asked).filter(([name]) => registrationFields.includes(name)),
  );
  if (Array.isArray(read['grant_types'])) {
    read['grant_types'] = read['grant_types'].filter(grant => registrationGrants.has(grant));
  }
  putBody(ctx.req, JSON.stringify({ token_endpoint_auth_method: 'client_secret_post', ...read }));
  return false;
}

async function readJson({ req }: Context): Promise<unknown> {
  const body = await text(req);
  try {
    return JSON.parse(body);
  } catch {
    return {};
  }
}
