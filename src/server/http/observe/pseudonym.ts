import { createHmac } from 'node:crypto';
import type { Owner } from '../../../store/store.ts';

/** What a log calls an account. */
export type Pseudonym = (owner: Owner) => string;

/**
 * What a log calls accounts: each the same for all its requests and on each replica that has the key, and nothing of its
 * name or `sub`. Without the key nobody can tell who it was, even with a list of all people.
 * @param key secret, 32 bytes
 */
export function pseudonymsBy(key: Uint8Array): Pseudonym {
  return ({ issuer, sub }) =>
    createHmac('sha256', key).update(`${issuer}\n${sub}`).digest('hex').slice(0, 16);
}
