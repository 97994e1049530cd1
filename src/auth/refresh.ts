import { discover } from './discovery.ts';
import type { Organization } from './flows/flow.ts';
import { lifetimeOf } from './grant.ts';
import { refusalOf, tenantError } from './tenantError.ts';
import type { Tenant } from './tenant.ts';
import { saidBy } from './tokenAudience.ts';

/** What the tenant gave for a refresh token (RFC 6749 section 5.1). */
export interface RefreshedTokens {
  readonly accessToken: string;
  /** The next refresh token, where the tenant rotates them. */
  readonly refreshToken?: string;
  readonly expiresInSeconds: number;
  /** What the tenant says of the token's scopes; absent where it says nothing, so that they are those asked for. */
  readonly scopes?: readonly string[];
  /** The APIs that the token names; absent where it names none, or only the API can read it. */
  readonly audience?: readonly string[];
  /** The organization that it is for; null where it names none, absent where only the API can read it. */
  readonly organization?: Organization | null;
}

/** What the access token is to be. */
export interface RefreshRequest {
  /** The API it is for; the tenant's default one where absent. */
  readonly audience?: string | undefined;
  /** Its scopes, where they are not all that was granted. */
  readonly scopes?: readonly string[] | undefined;
}

/** What a tenant answers where the person must first agree, or show more, for an API: the session itself goes on. */
const needsPerson: readonly unknown[] = ['consent_required', 'interaction_required', 'mfa_required'];

/**
 * Spends a refresh token (RFC 6749 section 6).
 * @returns undefined where the tenant gives a token for another API than the default one only to the person
 * @throws AuthError `login_required` where the tenant refuses it; `access_denied` where it
 * refuses the person, for now perhaps; `tenant_unreachable`, `server_error` or
 * `invalid_response` where trying later may help.
 */
export async function refresh(
  tenant: Tenant,
  refreshToken: string,
  { audience = tenant.audience, scopes }: RefreshRequest = {},
): Promise<RefreshedTokens | undefined> {
  try {
    const [client, configuration] = await Promise.all([import('openid-client'), discover(tenant)]);
    const tokens = await client.refreshTokenGrant(configuration, refreshToken, {
      audience,
      ...(scopes && { scope: scopes.join(' ') }),
    });
    const said = await saidBy(tokens.access_token);
    // By the answer (RFC 6749 section 5.1), or by the token itself where it is a JWT.
    const texts = [tokens.scope, said.scope].filter(text => text !== undefined);
    return {
      accessToken: tokens.access_token,
      ...(tokens.refresh_token !== undefined && { refreshToken: tokens.refresh_token }),
      expiresInSeconds: lifetimeOf(tokens),
      ...(texts.length > 0 && { scopes: [...new Set(texts.flatMap(text => text.split(' ')))] }),
      ...(said.audience && { audience: said.audience }),
      ...(said.organization !== undefined && { organization: said.organization }),
    };
  } catch (error) {
    if (audience !== tenant.audience && needsPerson.includes(refusalOf(error)?.error)) return undefined;
    throw tenantError(error, tenant, { audience, secrets: [refreshToken], isRenewal: true });
  }
}
