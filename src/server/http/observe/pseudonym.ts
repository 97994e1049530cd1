import { createHash } from 'node:crypto';
import type { Owner } from '../../../store/store.ts';

/**
 * What a log calls an account: the same for each of its requests and on each replica, and nothing of its name or `sub`.
 * Who knows issuer and `sub` finds its lines: `printf '%s\n%s' ISSUER SUB | sha256sum | cut -c1-16`.
 */
export function pseudonymOf({ issuer, sub }: Owner): string {
  return createHash('sha256').update(`${issuer}\n${sub}`).digest('hex').slice(0, 16);
}
