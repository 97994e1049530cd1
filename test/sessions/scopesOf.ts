import { decodeJwt } from 'jose';

/** The scopes that are in an access token, sorted. */
export function scopesOf(token: { readonly accessToken: string } | undefined): string[] {
  return String(decodeJwt(token?.accessToken ?? '')['scope'])
    .split(' ')
    .sort();
}
