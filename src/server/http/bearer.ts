/** What a request shows as its credentials (RFC 6750 section 2.1). */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'token'; readonly token: string };

/** Longest token (characters) that is checked; Auth0's are a tenth of it. */
const longestToken = 8_192;
/** `b64token` of RFC 6750 section 2.1. */
const bearerToken = /^Bearer +([\w.~+/-]+=*) *$/i;

/**
 * Reads the credentials of a request. Those of another scheme than Bearer do not count (RFC 6750 section 3.1); two headers, which
 * come joined by a comma, are malformed, as is a token in the query, which we never take.
 * @example
 * import { credentialsIn } from './bearer.ts';
 *
 * credentialsIn('Bearer abc', new URLSearchParams()).kind; // 'token'
 */
export function credentialsIn(header: string | null | undefined, query: URLSearchParams): Credentials {
  if (query.has('access_token')) return { kind: 'malformed' };
  if (!header) return { kind: 'none' };
  if (!/^Bearer(?:\s|,|$)/i.test(header)) {
    return /,\s*Bearer\s/i.test(header) ? { kind: 'malformed' } : { kind: 'none' };
  }
  const token = bearerToken.exec(header)?.[1];
  return token === undefined || token.length > longestToken
    ? { kind: 'malformed' }
    : { kind: 'token', token };
}
