import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import * as l10n from '@vscode/l10n';
import { plainLine } from '../common/plainText.ts';
import { AuthError } from './authError.ts';
import type { Tenant } from './tenant.ts';

/** How an access token may name its type, in small letters (RFC 9068 section 2.1; Auth0's say `JWT` or `at+jwt`). */
const accessTokenTypes: readonly unknown[] = ['jwt', 'application/jwt', 'at+jwt', 'application/at+jwt'];
/** Claims that only an ID token has (OpenID Connect Core sections 2 and 3.3.2.11). */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/**
 * Checks that a JWT means to be an access token. Without a type, which RFC 7515 section 4.1.9 leaves open, its
 * claims decide.
 * @throws AuthError `invalid_token` that says which other kind it is, or that it needs what is not known here
 */
export function requireAccessToken(
  { typ, crit }: ProtectedHeaderParameters,
  { aud, events, cnf, ...claims }: JWTPayload,
  tenant: Tenant,
): void {
  const refuse = (what: string) => {
    const instead = l10n.t('An access token for {0} is needed: sign in, or set one.', tenant.audience);
    return new AuthError('invalid_token', `${what} ${instead}`);
  };
  const type = typeof typ === 'string' ? typ.toLowerCase() : typ;
  if (events !== undefined || String(type).endsWith('logout+jwt')) {
    throw refuse(l10n.t('This is a logout token, which tells of the end of a session and opens no API.'));
  }
  const isForClient = [aud].flat().includes(tenant.clientId) && tenant.audience !== tenant.clientId;
  if (isForClient || idTokenClaims.some(name => Object.hasOwn(claims, name))) {
    throw refuse(l10n.t('This is an ID token, which says who somebody is and opens no API.'));
  }
  if (type !== undefined && !accessTokenTypes.includes(type)) {
    throw refuse(
      l10n.t('This is a token of the type "{0}", which is no access token.', plainLine(String(typ), 40)),
    );
  }
  // RFC 7515 section 4.1.11: what must be understood, and is not, makes the token invalid.
  if (crit !== undefined) {
    throw refuse(
      l10n.t('The token asks for something by "crit" that is not known here, so it must not be used.'),
    );
  }
  // RFC 7800 section 3, RFC 9449 section 7.2, RFC 8705 section 3: without the proof it may be a stolen one.
  if (cnf !== undefined) {
    throw refuse(
      l10n.t(
        'The token is bound to a key ("cnf"), and may be used only by who proves to have it, which cannot be proved here.',
      ),
    );
  }
}
