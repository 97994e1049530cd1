import type { errors as joseErrors } from 'jose';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { AuthError } from './errors.ts';
import { issuerOf, type Tenant } from './tenant.ts';

/** The person a checked access token stands for. */
export interface Identity {
  /** The tenant that knows them: two tenants may have the same `sub`. */
  readonly issuer: string;
  readonly sub: string;
  readonly name?: string;
  readonly email?: string;
  readonly scopes: readonly string[];
  /** The APIs the token is for, where it names any. */
  readonly audience?: readonly string[];
  /** Milliseconds since the epoch, by this machine's clock as far as its skew is known. */
  readonly expiresAt: number;
}

/**
 * Checks an access token.
 * @param receivedAt when it arrived from the tenant (ms since the epoch by this machine's clock), where that
 * is known: what the tenant's clock showed then makes up for the skew between the two
 * @throws AuthError `invalid_token`, or `tenant_unreachable` where no keys can be had.
 */
export type Verify = (token: string, receivedAt?: number) => Promise<Identity>;

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1)),
  exp: z.number(),
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  scope: z.optional(z.string()),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
});

export interface VerifyOptions {
  /** `any` leaves the audience to whoever the token is for: a server whose API is not known here. */
  readonly audience?: 'any';
}

/** Skew (s) between the clocks that an expiry forgives. */
const clockTolerance = 60;
/** Skew (ms) that is made up for where it is known; beyond, an ended token must not pass for a good one. */
const largestSkew = 5 * 60_000;

/**
 * Builds the check of access tokens (RFC 9068 section 4, Auth0's "Validate Access Tokens"): RS256 by a key
 * of the tenant's JWKS, issuer, audience, expiry. An unknown key makes the JWKS be fetched again once;
 * known keys go on working while the tenant is down.
 */
export function createVerifier(tenant: Tenant, { audience }: VerifyOptions = {}): Verify {
  const issuer = issuerOf(tenant);
  let keys: ReturnType<typeof import('jose').createRemoteJWKSet> | undefined;

  return async function verify(token, receivedAt) {
    const jose = await import('jose');
    keys ??= jose.createRemoteJWKSet(new URL('.well-known/jwks.json', issuer), {
      timeoutDuration: 10_000,
      cooldownDuration: 5_000,
      cacheMaxAge: Infinity,
    });
    try {
      const skew = skewOf(jose.decodeJwt(token).iat, receivedAt);
      const { payload } = await jose.jwtVerify(token, keys, {
        algorithms: ['RS256'],
        issuer,
        ...(audience !== 'any' && { audience: tenant.audience }),
        clockTolerance,
        currentDate: new Date(Date.now() + skew),
        requiredClaims: ['exp', 'sub'],
      });
      const claims = claimsSchema.parse(payload);
      return {
        issuer,
        sub: claims.sub,
        scopes: claims.scope?.split(' ') ?? [],
        expiresAt: claims.exp * 1000 - skew,
        ...(claims.aud !== undefined && { audience: [claims.aud].flat() }),
        ...(claims.name !== undefined && { name: claims.name }),
        ...(claims.email !== undefined && { email: claims.email }),
      };
    } catch (error) {
      throw refusal(error, tenant, jose.errors);
    }
  };
}

/** How much (ms) the tenant's clock was ahead of ours when it issued the token. */
function skewOf(issuedAt: unknown, receivedAt: number | undefined): number {
  if (typeof issuedAt !== 'number' || receivedAt === undefined) return 0;
  return Math.min(Math.max(issuedAt * 1000 - receivedAt, -largestSkew), largestSkew);
}

function refusal(error: unknown, tenant: Tenant, errors: typeof joseErrors): AuthError {
  const invalid = (message: string) => new AuthError('invalid_token', message);
  if (error instanceof errors.JWTExpired) return invalid(l10n.t('The token has expired. Sign in again.'));
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'iss':
        return invalid(
          l10n.t(
            'The token was not issued by {0}. Sign in to that tenant, or correct AUTH0_DOMAIN.',
            tenant.domain,
          ),
        );
      case 'aud':
        return invalid(
          l10n.t(
            'The token is not for the API {0}. Get one for it, or correct AUTH0_AUDIENCE.',
            tenant.audience,
          ),
        );
      default:
        return invalid(
          l10n.t('The token is not valid: its "{0}" is missing or wrong. Sign in again.', error.claim),
        );
    }
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalid(
      l10n.t(
        'The token is not signed with RS256, the only algorithm accepted. Set the API at the tenant to RS256.',
      ),
    );
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed) {
    return invalid(l10n.t('The token is not signed by a key of {0}. Sign in again.', tenant.domain));
  }
  if (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof z.core.$ZodError
  ) {
    return invalid(
      l10n.t(
        'The token is not a JWT for an API. Set omnispindle.auth0.audience (or AUTH0_AUDIENCE) to an API of the tenant, then sign in again.',
      ),
    );
  }
  return new AuthError(
    'tenant_unreachable',
    l10n.t(
      'The keys of {0} could not be fetched, so the token cannot be checked. Check the network, then try again.',
      tenant.domain,
    ),
  );
}
