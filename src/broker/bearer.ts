import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a request shows as its bearer token (RFC 6750 section 2.1). */
export function bearerOf({ headers }: IncomingMessage): Buffer {
  return Buffer.from(headers.authorization?.replace(/^Bearer /, '') ?? '', 'base64url');
}

/** Compares in the same time, wherever the two differ. */
export function isSameSecret(given: Buffer, secret: Buffer): boolean {
  return given.length === secret.length && timingSafeEqual(given, secret);
}
