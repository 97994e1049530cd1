import type { errors as joseErrors, JWTPayload, JWTVerifyOptions } from 'jose';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { AuthError } from './authError.ts';
import { isOmnispindleError, type OmnispindleError } from '../common/errors.ts';
import { createKeySet, type KeySet, type KeySetOptions } from './keySet.ts';
import { isOrganization } from './organization.ts';
import { organizationIn } from './organizationClaims.ts';
import { plainLine } from '../common/plainText.ts';
import { issuerOf, type Tenant } from './tenant.ts';
import { requireAccessToken } from './tokenKind.ts';
import { issuerShown } from './wrongAnswer.ts';
import { ownSettings, type RefusalWords } from './refusalWords.ts';

/** What a checked access token says: whose it is, and what it is good for. */
export interface CheckedToken {
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
  /** Until when (ms since the epoch) this check counts at most: then the token, or the key it is signed with, is too old. */
  readonly countsUntil?: number;
}

/**
 * Checks an access token.
 * @param receivedAt when it arrived from the tenant (ms since the epoch by this machine's clock), where that
 * is known: what the tenant's clock showed then makes up for the skew between the two
 * @throws AuthError `invalid_token`, or `tenant_unreachable` where no keys can be had.
 */
export type Verify = (token: string, receivedAt?: number) => Promise<CheckedToken>;

/** What no database keeps, or what would be another one there: halves of characters, NUL, and the like. */
const isPlain = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text);

const claimsSchema = z.object({
  sub: z.string().check(z.minLength(1), z.refine(isPlain)),
  exp: z.number(),
  nbf: z.optional(z.number()),
  iat: z.optional(z.number()),
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  scope: z.optional(z.string()),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
});

/** What of a token is not checked here, and how keys are looked for. */
export interface VerifyOptions extends KeySetOptions {
  /** `any` leaves the audience to whoever the token is for: a server whose API is not known here. */
  readonly audience?: 'any';
  /** What is said of a refused token, to whom; the person's own settings where absent. */
  readonly words?: RefusalWords;
}

/**
 * Skew (s) between the clocks of the tenant and of this machine that is forgiven in all: a token whose time is over,
 * or is yet to come, by more than this is refused, whenever it arrived.
 */
export const largestSkew = 5 * 60;
/** Skew (s) of these that is forgiven where the time of the tenant's clock is known, or when the token arrived is not. */
const clockTolerance = 60;
/** Most keys that a token is checked by; a tenant has its last one, the one in use and the next. */
const mostTried = 8;

/**
 * Builds the check of access tokens (RFC 9068 section 4, RFC 7515, Auth0's "Validate Access Tokens"): RS256 by a key
 * of the tenant's JWKS, type, issuer, audience, organization, times. A key that the tenant withdrew counts for an hour at most;
 * for as long known keys go on working while the tenant is down.
 * @throws OmnispindleError `invalid_settings` where the tenant's domain is no host
 * @example
 * import { defaultTenant } from './tenant.ts';
 * import { createVerifier } from './verify.ts';
 *
 * const verify = createVerifier(defaultTenant);
 * const { issuer, sub, scopes } = await verify('eyJhbGciOiJSUzI1NiJ9…', Date.now());
 */
export function createVerifier(
  tenant: Tenant,
  { audience, words = ownSettings, ...keySetOptions }: VerifyOptions = {},
): Verify {
  const issuer = issuerOf(tenant);
  let keys: KeySet | undefined;

  return async function verify(token, receivedAt) {
    const jose = await import('jose');
    keys ??= createKeySet(tenant, jose, keySetOptions);
    try {
      const claimed = jose.decodeJwt(token);
      requireAccessToken(jose.decodeProtectedHeader(token), claimed, tenant);
      if (!isExact(token)) throw new jose.errors.JWSSignatureVerificationFailed();
      const skew = skewOf(claimed.iat, receivedAt);
      const payload = await verifySignature(jose, token, keys.keyOf, {
        algorithms: ['RS256'],
        issuer,
        ...(audience !== 'any' && { audience: tenant.audience }),
        clockTolerance,
        currentDate: new Date(Date.now() + skew),
        requiredClaims: ['exp', 'sub'],
      });
      const claims = claimsSchema.parse(payload);
      requireTimely(claims);
      requireWantedOrganization(payload, tenant, words);
      const expiresAt = claims.exp * 1000 - skew;
      return {
        issuer,
        sub: claims.sub,
        scopes: claims.scope?.split(' ') ?? [],
        expiresAt,
        countsUntil: Math.min(
          expiresAt + clockTolerance * 1000,
          (claims.exp + largestSkew + 1) * 1000,
          keys.countUntil(),
        ),
        ...(claims.aud !== undefined && { audience: [claims.aud].flat() }),
        ...(claims.name !== undefined && { name: plainLine(claims.name) }),
        ...(claims.email !== undefined && { email: plainLine(claims.email) }),
      };
    } catch (error) {
      throw refusal(error, tenant, words, jose.errors);
    }
  };
}

/** Checks it by the key that it names, or, where it names none or several have that name, by each that it may be. */
async function verifySignature(
  jose: typeof import('jose'),
  token: string,
  keyOf: KeySet['keyOf'],
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jose.jwtVerify(token, keyOf, options)).payload;
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      if (++tried > mostTried) break;
      try {
        return (await jose.jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof jose.errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

/**
 * Whether a signature is written as base64url writes it (RFC 7515 section 2, RFC 4648 section 3.5). Its last letter has
 * bits that mean nothing: a token that somebody has changed there would pass as the same one.
 */
function isExact(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** How much (ms) the tenant's clock was ahead of ours when it issued the token. */
function skewOf(issuedAt: unknown, receivedAt: number | undefined): number {
  if (typeof issuedAt !== 'number' || receivedAt === undefined) return 0;
  const largest = largestSkew * 1000;
  // Anything but a number says nothing of the skew.
  return Math.min(Math.max(issuedAt * 1000 - receivedAt, -largest), largest) || 0;
}

/**
 * Checks the times by this machine's clock alone, in whole seconds, which is how tokens count.
 * @throws AuthError `invalid_token`
 */
function requireTimely({ exp, nbf, iat }: z.infer<typeof claimsSchema>): void {
  const now = Math.floor(Date.now() / 1000);
  if (now - exp > largestSkew) throw expired();
  if (Math.max(nbf ?? 0, iat ?? 0) - now > largestSkew) throw notYet();
}

/** @throws AuthError `invalid_token` */
function requireWantedOrganization(claims: unknown, { organization }: Tenant, words: RefusalWords): void {
  if (organization === undefined || isOrganization(organizationIn(claims), organization)) return;
  throw new AuthError('invalid_token', words.wrongOrganization(plainLine(organization)));
}

function expired(): AuthError {
  return new AuthError('invalid_token', l10n.t('The token has expired. Sign in again.'));
}

function notYet(): AuthError {
  return new AuthError(
    'invalid_token',
    l10n.t('The token is not valid yet. Set the clock of this machine, or get another token.'),
  );
}

function refusal(
  error: unknown,
  tenant: Tenant,
  words: RefusalWords,
  errors: typeof joseErrors,
): OmnispindleError {
  if (isOmnispindleError(error)) return error;
  const invalid = (message: string) => new AuthError('invalid_token', message);
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'nbf' && error.reason === 'check_failed') return notYet();
    switch (error.claim) {
      case 'iss':
        return invalid(words.wrongIssuer(tenant.domain, issuerShown(error.payload.iss)));
      case 'aud':
        return invalid(words.wrongAudience(tenant.audience));
      default:
        return invalid(wrongClaim(error.claim));
    }
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return invalid(
      l10n.t(
        'The token is not signed with RS256, the only algorithm accepted. Set the API at the tenant to RS256.',
      ),
    );
  }
  if (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JWSSignatureVerificationFailed
  ) {
    return invalid(l10n.t('The token is not signed by a key of {0}. Sign in again.', tenant.domain));
  }
  if (error instanceof z.core.$ZodError) return invalid(wrongClaim(String(error.issues[0]?.path[0])));
  // Whatever else is wrong is wrong with the token: where there are no keys, the key set has said so.
  return invalid(words.noJwt(tenant.audience));
}

function wrongClaim(name: string): string {
  return l10n.t('The token is not valid: its "{0}" is missing or wrong. Sign in again.', name);
}
