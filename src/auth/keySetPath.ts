/** Where a tenant has its public keys (RFC 7517 section 5), from its issuer on. */
export const keySetPath = '.well-known/jwks.json';
