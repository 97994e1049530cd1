import type { Owner } from '../store.ts';
import type { Database } from './database.ts';

/** The number that an owner's rows have. */
export interface OwnerId {
  /** One that no row has, where the owner has never written anything. */
  toRead(): number;
  /** Makes it where there is none; to be called in the transaction that writes. */
  toWrite(): number;
}

const nobody = 0;

/**
 * The number of an owner in that database; it is looked up when it is first needed, and made by the first write.
 */
export function ownerId({ get, run }: Database, { issuer, sub }: Owner): OwnerId {
  let known = nobody;
  function find(): number {
    return Number(get('SELECT id FROM owner WHERE issuer = ? AND sub = ?', issuer, sub)?.['id'] ?? nobody);
  }
  return {
    toRead: () => known || (known = find()),
    toWrite() {
      if (known) return known;
      run('INSERT OR IGNORE INTO owner (issuer, sub) VALUES (?, ?)', issuer, sub);
      // Kept only when it is read again: this transaction may still be rolled back.
      return find();
    },
  };
}
