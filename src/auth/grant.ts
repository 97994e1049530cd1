import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { AuthError } from './authError.ts';
import { plainLine } from '../common/plainText.ts';
import type { Grant } from './flows/flow.ts';
import { organizationIn } from './organizationClaims.ts';
import type { Tenant } from './tenant.ts';
import { dpopDemand } from './tenantDemand.ts';
import { isFor, saidBy, wrongAudience } from './tokenAudience.ts';

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1)),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
});
const browserSession = z.object({ sid: z.string().check(z.minLength(1), z.maxLength(256)) });

/**
 * What the tenant granted, with who the person is: from the id_token, which openid-client has checked, and
 * from the userinfo endpoint (OpenID Connect Core section 5.3) where that does not say.
 * @param audience the API that the access token was asked for
 * @throws AuthError `invalid_response`, or `invalid_settings` where the token is bound to a key
 */
export async function toGrant(
  configuration: Configuration,
  tenant: Tenant,
  tokens: TokenEndpointResponse & TokenEndpointResponseHelpers,
  audience: string = tenant.audience,
): Promise<Grant> {
  if (tokens.token_type === 'dpop') {
    const { code, message } = dpopDemand(tenant);
    throw new AuthError(code, message);
  }
  const { audience: named } = await saidBy(tokens.access_token);
  if (!isFor(named, audience, tenant)) throw wrongAudience(named, audience, tenant);
  const idToken = tokens.claims();
  const claims = claimsSchema.safeParse(idToken).data;
  if (!claims) {
    throw new AuthError(
      'invalid_response',
      l10n.t(
        '{0} did not say who signed in. Allow the scope "openid" for this client at the tenant.',
        tenant.domain,
      ),
    );
  }
  const person = claims.email || claims.name ? claims : await askUserInfo(configuration, tokens, claims);
  // They are shown in many places, the editor's own menus among them; who they are is `sub`.
  const { sub } = person;
  const name = person.name && plainLine(person.name);
  const email = person.email && plainLine(person.email);
  const organization = organizationIn(idToken);
  const { sid } = browserSession.safeParse(idToken).data ?? {};
  return {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
    expiresInSeconds: lifetimeOf(tokens),
    scopes: tokens.scope?.split(' ') ?? [],
    account: {
      id: sub,
      label: email || name || plainLine(sub),
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      ...(organization && { organization }),
    },
    ...(sid !== undefined && { sid }),
  };
}

/** Lifetime (s) of an access token: RFC 6749 section 5.1 recommends `expires_in`; without it, a short one is assumed. */
export function lifetimeOf({ expires_in: lifetime = 300 }: TokenEndpointResponse): number {
  return Math.max(lifetime, 1);
}

async function askUserInfo(
  configuration: Configuration,
  tokens: TokenEndpointResponse,
  claims: z.infer<typeof claimsSchema>,
): Promise<z.infer<typeof claimsSchema>> {
  const { fetchUserInfo } = await import('openid-client');
  try {
    return claimsSchema.parse(await fetchUserInfo(configuration, tokens.access_token, claims.sub));
  } catch {
    return claims;
  }
}
